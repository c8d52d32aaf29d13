/* SPDX-License-Identifier: MIT */
/* The body of a request as a whole, before its fields are looked at. */
#include "lib/api/message.h"
#include "tests/unit/lib/api/order.h"

#define NEST_DEPTH 100000

/* POST /close, whose body may be left out */
struct close {
    bool all;
    bool has_all;
};
static const struct field close_fields[] = {{.name = "all",
                                             .type = FIELD_BOOL,
                                             .offset = offsetof(struct close, all),
                                             .has_offset = offsetof(struct close, has_all)}};
static const struct message close_message = {.name = "close",
                                             .size = sizeof(struct close),
                                             .fields = close_fields,
                                             .count = ARRAY_LEN(close_fields),
                                             .has_body = true,
                                             .body_optional = true};

static void a_missing_field_shows_the_whole_body(void **state)
{
    (void)state;
    refuse_order("{ `note` : `n`, `x`: [1, 0.1] }",
                 "{`type`:`missing`,`loc`:[`body`,`username`],`msg`:`Field required`,"
                 "`input`:{`note`:`n`,`x`:[1,0.1]}}");
}

static void no_body_and_null_are_the_body_missing(void **state)
{
    (void)state;
    static const char missing[] =
        "{`type`:`missing`,`loc`:[`body`],`msg`:`Field required`,`input`:null}";
    refuse_order("", missing);
    refuse_order("null", missing);
    const struct request_parts text = {.path = "room=7", .content_type = "text/plain"};
    expect_refused(arena, &order_message, &text, missing);
}

static void a_body_that_may_be_left_out_stands_for_an_empty_one(void **state)
{
    (void)state;
    struct close out = {0};
    const struct request_parts none = {.body = slice_of("")};
    expect_decoded(arena, &close_message, &none, &out);
    assert_false(out.has_all);
    const struct request_parts some = {.content_type = "application/json",
                                       .body = slice_of("{\"all\":true}")};
    expect_decoded(arena, &close_message, &some, &out);
    assert_true(out.has_all && out.all);
}

static void what_is_sent_for_an_optional_body_is_checked(void **state)
{
    (void)state;
    const struct request_parts list = {.content_type = "application/json", .body = slice_of("[]")};
    expect_refused(arena, &close_message, &list,
                   "{`type`:`model_attributes_type`,`loc`:[`body`],`msg`:`" DICTIONARY
                   "`,`input`:[]}");
}

static void a_body_that_is_no_object_is_refused(void **state)
{
    (void)state;
    static const char *const bodies[] = {"[]", "[1,{`a`:0.1}]", "`text`", "5", "1.5", "true"};
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++)
        refuse_order(bodies[i], arena_printf(arena,
                                             "{`type`:`model_attributes_type`,`loc`:[`body`],"
                                             "`msg`:`" DICTIONARY "`,`input`:%s}",
                                             bodies[i]));
}

static void bad_json_tells_where_in_characters(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        int position;
        const char *words;
    } rows[] = {
        {"{`a`:}", 6, "unexpected token near '}'"},
        {"{`имя`:}", 8, "unexpected token near '}'"},
        {"{`a`:1", 6, "'}' expected near end of file"},
        {"{}\n{}", 4, "end of file expected near '{'"},
        {"{`a`:`\\u0000`}", 13,
         "\\\\u0000 is not allowed without JSON_ALLOW_NUL near '\\`\\\\u0000\\`'"},
        {"{`a`:`\xFF`}", 6, "unable to decode byte 0xff near '\\`'"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        refuse_order(rows[i].body,
                     arena_printf(arena,
                                  "{`type`:`json_invalid`,`loc`:[`body`,%d],`msg`:`JSON decode "
                                  "error`,`input`:{},`ctx`:{`error`:`%s`}}",
                                  rows[i].position, rows[i].words));
}

static void any_json_type_is_parsed(void **state)
{
    (void)state;
    static const char *const types[] = {NULL,
                                        "",
                                        "application/json",
                                        "Application/JSON; charset=utf-8",
                                        "application/problem+json",
                                        "application/vnd.api+json;v=1"};
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        struct order order = {0};
        struct request_parts parts = order_parts("{`username`:`ann`}");
        parts.content_type = types[i];
        expect_decoded(arena, &order_message, &parts, &order);
        assert_string_equal(order.username, "ann");
    }
}

static void any_other_type_is_no_object_but_text(void **state)
{
    (void)state;
    static const char *const types[] = {
        "text/plain",        "text/json", "application/x-www-form-urlencoded",
        "application/jsonx", "json",      "+json"};
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        struct request_parts parts = order_parts("{`username`:`ёж`}");
        parts.content_type = types[i];
        expect_refused(arena, &order_message, &parts,
                       "{`type`:`model_attributes_type`,`loc`:[`body`],`msg`:`" DICTIONARY "`,"
                       "`input`:`{\\`username\\`:\\`ёж\\`}`}");
    }
}

static void raw_bytes_of_a_text_body_do_no_harm(void **state)
{
    (void)state;
    const struct request_parts nul = {
        .path = "room=7", .content_type = "text/plain", .body = {"a\0b", 3}};
    expect_refused(arena, &order_message, &nul,
                   "{`type`:`model_attributes_type`,`loc`:[`body`],`msg`:`" DICTIONARY "`,"
                   "`input`:`a\\u0000b`}");
    const struct request_parts malformed = {
        .path = "room=7", .content_type = "text/plain", .body = {"\xFF\xFE", 2}};
    expect_refused(arena, &order_message, &malformed,
                   "{`type`:`model_attributes_type`,`loc`:[`body`],`msg`:`" DICTIONARY "`,"
                   "`input`:null}");
}

static void a_body_nobody_reads_is_left_alone(void **state)
{
    (void)state;
    struct check check = {0};
    const struct request_parts parts = {.query = "key=K", .body = slice_of("{nonsense")};
    expect_decoded(arena, &check_message, &parts, &check);
    assert_string_equal(check.key, "K");
}

static void deep_nesting_is_bad_json(void **state)
{
    (void)state;
    static char nest[NEST_DEPTH + 1];
    memset(nest, '[', NEST_DEPTH);
    AUTO_BUFFER(errors, ERRORS_MAX_BYTES);
    struct order order = {0};
    const struct request_parts parts = {.path = "room=7", .body = {nest, NEST_DEPTH}};
    assert_int_equal(message_decode_request(&order_message, &parts, arena, &order, &errors),
                     STATUS_INVALID);
    assert_non_null(strstr(buffer_text(&errors), "\"json_invalid\""));
    assert_non_null(strstr(buffer_text(&errors), "maximum parsing depth"));
}

static void the_deepest_nesting_is_repeated_whole(void **state)
{
    (void)state;
    char nest[2 * 2000 + 1] = "";
    memset(nest, '[', 2000);
    memset(nest + 2000, ']', 2000);
    refuse_order(nest, arena_printf(arena,
                                    "{`type`:`model_attributes_type`,`loc`:[`body`],"
                                    "`msg`:`" DICTIONARY "`,`input`:%s}",
                                    nest));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_missing_field_shows_the_whole_body),
        TEST(no_body_and_null_are_the_body_missing),
        TEST(a_body_that_may_be_left_out_stands_for_an_empty_one),
        TEST(what_is_sent_for_an_optional_body_is_checked),
        TEST(a_body_that_is_no_object_is_refused),
        TEST(bad_json_tells_where_in_characters),
        TEST(any_json_type_is_parsed),
        TEST(any_other_type_is_no_object_but_text),
        TEST(raw_bytes_of_a_text_body_do_no_harm),
        TEST(a_body_nobody_reads_is_left_alone),
        TEST(deep_nesting_is_bad_json),
        TEST(the_deepest_nesting_is_repeated_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
