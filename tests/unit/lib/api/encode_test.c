/* SPDX-License-Identifier: MIT */
#include "lib/api/message.h"
#include "tests/unit/lib/api/request.h"

struct gift {
    const char *name;
    double price;
};
struct reply {
    const char *id;
    const char *note;
    const char *plan;
    int64_t count;
    int64_t limit;
    bool has_limit;
    double share;
    bool has_share;
    bool open;
    struct gift best;
    bool has_best;
    struct list gifts;   /* of struct gift */
    struct list words;   /* of const char * */
    struct list numbers; /* of int64_t */
    struct list shares;  /* of double */
    struct list flags;   /* of bool */
};

static const struct field gift_fields[] = {
    {.name = "name", .offset = offsetof(struct gift, name), .required = true},
    {.name = "price", .type = FIELD_REAL, .offset = offsetof(struct gift, price), .required = true},
};
static const struct message gift_message = {
    .name = "gift", .size = sizeof(struct gift), .fields = gift_fields, .count = 2};

#define LIST_FIELD(member, of)                                                                     \
    {                                                                                              \
        .name = #member, .type = FIELD_LIST, .offset = offsetof(struct reply, member),             \
        .required = true, .item = of                                                               \
    }

static const struct field reply_fields[] = {
    {.name = "id", .type = FIELD_UUID, .offset = offsetof(struct reply, id), .required = true},
    {.name = "note", .offset = offsetof(struct reply, note)},
    {.name = "plan", .offset = offsetof(struct reply, plan), .required = true, .nullable = true},
    {.name = "count", .type = FIELD_INT, .offset = offsetof(struct reply, count), .required = true},
    {.name = "limit",
     .type = FIELD_INT,
     .offset = offsetof(struct reply, limit),
     .has_offset = offsetof(struct reply, has_limit),
     .required = true,
     .nullable = true},
    {.name = "share",
     .type = FIELD_REAL,
     .offset = offsetof(struct reply, share),
     .has_offset = offsetof(struct reply, has_share)},
    {.name = "open", .type = FIELD_BOOL, .offset = offsetof(struct reply, open), .required = true},
    {.name = "best",
     .type = FIELD_OBJECT,
     .offset = offsetof(struct reply, best),
     .has_offset = offsetof(struct reply, has_best),
     .message = &gift_message},
    {.name = "gifts",
     .type = FIELD_LIST,
     .offset = offsetof(struct reply, gifts),
     .required = true,
     .item = FIELD_OBJECT,
     .message = &gift_message},
    LIST_FIELD(words, FIELD_TEXT),
    LIST_FIELD(numbers, FIELD_INT),
    LIST_FIELD(shares, FIELD_REAL),
    LIST_FIELD(flags, FIELD_BOOL),
};
static const struct message reply_message = {.name = "reply",
                                             .size = sizeof(struct reply),
                                             .fields = reply_fields,
                                             .count = ARRAY_LEN(reply_fields)};

#define LIST_OF(array)                                                                             \
    {                                                                                              \
        array, ARRAY_LEN(array)                                                                    \
    }

static const struct gift gifts[] = {{"rose", 1}, {"lion \"king\"", 0.1}};
static const char *const words[] = {"", "ёж", "a\nb"};
static const int64_t numbers[] = {0, INT64_MIN, INT64_MAX};
static const double shares[] = {0.5, -1e300};
static const bool flags[] = {true, false, true};

static const struct reply full = {
    .id = "0190a1b2-c3d4-7e5f-8a9b-abcdef012345",
    .note = "n",
    .plan = "pro",
    .count = -1,
    .limit = 0,
    .has_limit = true,
    .share = 0.25,
    .has_share = true,
    .open = true,
    .best = {"lion", 99.5},
    .has_best = true,
    .gifts = LIST_OF(gifts),
    .words = LIST_OF(words),
    .numbers = LIST_OF(numbers),
    .shares = LIST_OF(shares),
    .flags = LIST_OF(flags),
};

static void check_json(const struct reply *reply, const char *expected)
{
    AUTO(arena_free) struct arena *arena = arena_new(65536);
    AUTO_BUFFER(json, 65536);
    message_encode(&reply_message, reply, &json);
    assert_string_equal(buffer_text(&json), json_of(arena, expected));
}

static void every_kind_of_member_is_written_in_the_tables_order(void **state)
{
    (void)state;
    check_json(&full,
               "{`id`:`0190a1b2-c3d4-7e5f-8a9b-abcdef012345`,`note`:`n`,`plan`:`pro`,`count`:-1,"
               "`limit`:0,`share`:0.25,`open`:true,`best`:{`name`:`lion`,`price`:99.5},"
               "`gifts`:[{`name`:`rose`,`price`:1.0},{`name`:`lion \\`king\\``,`price`:0.1}],"
               "`words`:[``,`ёж`,`a\\nb`],"
               "`numbers`:[0,-9223372036854775808,9223372036854775807],"
               "`shares`:[0.5,-1e+300],`flags`:[true,false,true]}");
}

static void what_has_no_value_is_null_where_required_and_else_left_out(void **state)
{
    (void)state;
    const struct reply empty = {.id = "x"};
    check_json(&empty, "{`id`:`x`,`plan`:null,`count`:0,`limit`:null,`open`:false,`gifts`:[],"
                       "`words`:[],`numbers`:[],`shares`:[],`flags`:[]}");
}

static void a_list_with_a_key_is_an_object_of_objects(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(65536);
    AUTO_BUFFER(json, 65536);
    static const struct field fields[] = {
        {.name = "gifts",
         .type = FIELD_LIST,
         .offset = 0,
         .required = true,
         .item = FIELD_OBJECT,
         .key = "name",
         .message = &gift_message},
    };
    static const struct message message = {
        .name = "named", .size = sizeof(struct list), .fields = fields, .count = 1};
    const struct list list = LIST_OF(gifts);
    message_encode(&message, &list, &json);
    assert_string_equal(buffer_text(&json),
                        json_of(arena,
                                "{`gifts`:{`rose`:{`name`:`rose`,`price`:1.0},"
                                "`lion \\`king\\``:{`name`:`lion \\`king\\``,`price`:0.1}}}"));
    buffer_clear(&json);
    message_encode(&message, &(const struct list){0}, &json);
    assert_string_equal(buffer_text(&json), "{\"gifts\":{}}");
}

static void what_was_encoded_decodes_to_the_same(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(65536);
    AUTO_BUFFER(json, 65536);
    AUTO_BUFFER(again, 65536);
    struct reply decoded = {0};
    message_encode(&reply_message, &full, &json);
    assert_int_equal(message_decode(&reply_message, buffer_slice(&json), arena, &decoded),
                     STATUS_OK);
    message_encode(&reply_message, &decoded, &again);
    assert_string_equal(buffer_text(&again), buffer_text(&json));

    const struct gift *decoded_gifts = decoded.gifts.items;
    assert_string_equal(decoded_gifts[1].name, "lion \"king\"");
    assert_true(decoded_gifts[1].price == 0.1);
    assert_memory_equal(decoded.numbers.items, numbers, sizeof(numbers));
    assert_memory_equal(decoded.shares.items, shares, sizeof(shares));
    assert_memory_equal(decoded.flags.items, flags, sizeof(flags));
    assert_true(decoded.has_limit && decoded.has_best && decoded.has_share);
}

static void a_message_without_members_is_an_empty_object(void **state)
{
    (void)state;
    static const struct message nothing = {.name = "nothing", .size = 1};
    AUTO_BUFFER(json, 64);
    message_encode(&nothing, "", &json);
    assert_string_equal(buffer_text(&json), "{}");
}

static void a_reply_that_does_not_fit_overflows(void **state)
{
    (void)state;
    AUTO_BUFFER(json, 100);
    message_encode(&reply_message, &full, &json);
    assert_true(json.overflowed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_member_is_written_in_the_tables_order),
        cmocka_unit_test(what_has_no_value_is_null_where_required_and_else_left_out),
        cmocka_unit_test(a_list_with_a_key_is_an_object_of_objects),
        cmocka_unit_test(what_was_encoded_decodes_to_the_same),
        cmocka_unit_test(a_message_without_members_is_an_empty_object),
        cmocka_unit_test(a_reply_that_does_not_fit_overflows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
