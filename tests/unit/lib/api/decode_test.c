/* SPDX-License-Identifier: MIT */
#include "lib/api/message.h"
#include "tests/unit/lib/api/order.h"

#define HUGE_COUNT 200000

/* ---- fields ---- */

static void all_errors_are_collected_parameters_first(void **state)
{
    (void)state;
    const char *body = json_of(arena, "{`note`:5,`main`:{},`tags`:[],`enabled`:`perhaps`}");
    const struct request_parts parts = {
        .path = "room=x", .query = "dry=2&limit=0", .body = slice_of(body)};
    expect_refused(
        arena, &order_message, &parts,
        "{`type`:`int_parsing`,`loc`:[`path`,`room`],`msg`:`Input should be a valid integer, "
        "unable to parse string as an integer`,`input`:`x`},"
        "{`type`:`greater_than_equal`,`loc`:[`query`,`limit`],`msg`:`Input should be greater than "
        "or equal to 1`,`input`:`0`,`ctx`:{`ge`:1}},"
        "{`type`:`bool_parsing`,`loc`:[`query`,`dry`],`msg`:`Input should be a valid boolean, "
        "unable to interpret input`,`input`:`2`},"
        "{`type`:`missing`,`loc`:[`body`,`username`],`msg`:`Field required`,"
        "`input`:{`note`:5,`main`:{},`tags`:[],`enabled`:`perhaps`}},"
        "{`type`:`string_type`,`loc`:[`body`,`note`],`msg`:`Input should be a valid string`,"
        "`input`:5},"
        "{`type`:`missing`,`loc`:[`body`,`main`,`name`],`msg`:`Field required`,`input`:{}},"
        "{`type`:`too_short`,`loc`:[`body`,`tags`],`msg`:`List should have at least 1 item after "
        "validation, not 0`,`input`:[],"
        "`ctx`:{`field_type`:`List`,`min_length`:1,`actual_length`:0}},"
        "{`type`:`bool_parsing`,`loc`:[`body`,`enabled`],`msg`:`Input should be a valid boolean, "
        "unable to interpret input`,`input`:`perhaps`}");
}

static void defaults_stand_in_for_what_is_absent(void **state)
{
    (void)state;
    struct order order = read_order("{`username`:`ann`,`main`:{`name`:`rose`}}");
    assert_int_equal(order.room, 7);
    assert_int_equal(order.limit, 200);
    assert_true(order.enabled);
    assert_int_equal(order.main.count, 1);
    assert_true(order.has_main);
    assert_false(order.has_dry);
    assert_false(order.has_days);
    assert_null(order.note);
    assert_int_equal(order.items.count, 0);
}

static void null_is_taken_only_where_it_is_allowed(void **state)
{
    (void)state;
    struct order order = read_order("{`username`:`ann`,`note`:null,`days`:null}");
    assert_null(order.note);
    assert_false(order.has_days);
    assert_true(read_order("{`username`:`ann`,`days`:0}").has_days);

    refuse_order("{`username`:null,`main`:null,`items`:null}",
                 "{`type`:`string_type`,`loc`:[`body`,`username`],`msg`:`Input should be a valid "
                 "string`,`input`:null},"
                 "{`type`:`model_attributes_type`,`loc`:[`body`,`main`],`msg`:`" DICTIONARY "`,"
                 "`input`:null},"
                 "{`type`:`list_type`,`loc`:[`body`,`items`],`msg`:`Input should be a valid list`,"
                 "`input`:null}");
}

static void unknown_fields_are_ignored_and_the_last_of_two_counts(void **state)
{
    (void)state;
    struct order order =
        read_order("{`limit`:`not of the body`,`x`:{},`username`:`ann`,`username`:`bob`}");
    assert_string_equal(order.username, "bob");
    assert_int_equal(order.limit, 200);
}

/* ---- lists ---- */

static void lists_are_read_item_by_item(void **state)
{
    (void)state;
    struct order order = read_order("{`username`:`ann`,`tags`:[`a`,``,`ё`],"
                                    "`items`:[{`name`:`rose`},{`name`:`lion`,`count`:`3`}]}");
    const char *const *tags = order.tags.items;
    assert_int_equal(order.tags.count, 3);
    assert_string_equal(tags[0], "a");
    assert_string_equal(tags[1], "");
    assert_string_equal(tags[2], "ё");
    const struct item *items = order.items.items;
    assert_int_equal(order.items.count, 2);
    assert_string_equal(items[1].name, "lion");
    assert_int_equal(items[0].count, 1);
    assert_int_equal(items[1].count, 3);
}

static void an_error_in_a_list_tells_the_index(void **state)
{
    (void)state;
    refuse_order(
        "{`username`:`a`,`items`:[{`name`:`a`},7,{`name`:`b`,`count`:0}],`tags`:[`a`,1]}",
        "{`type`:`model_attributes_type`,`loc`:[`body`,`items`,1],`msg`:`" DICTIONARY "`,"
        "`input`:7},"
        "{`type`:`greater_than_equal`,`loc`:[`body`,`items`,2,`count`],`msg`:`Input should "
        "be greater than or equal to 1`,`input`:0,`ctx`:{`ge`:1}},"
        "{`type`:`string_type`,`loc`:[`body`,`tags`,1],`msg`:`Input should be a valid "
        "string`,`input`:1}");
}

static void a_lists_texts_have_a_maximum_in_characters(void **state)
{
    (void)state;
    struct order order = read_order("{`username`:`u`,`tags`:[`12345`,`ёлка!`]}");
    assert_int_equal(order.tags.count, 2);
    refuse_order("{`username`:`u`,`tags`:[`a`,`123456`]}",
                 "{`type`:`string_too_long`,`loc`:[`body`,`tags`,1],"
                 "`msg`:`String should have at most 5 characters`,`input`:`123456`,"
                 "`ctx`:{`max_length`:5}}");
}

static void a_long_list_is_refused(void **state)
{
    (void)state;
    refuse_order("{`username`:`a`,`tags`:[1,2,3,4]}",
                 "{`type`:`too_long`,`loc`:[`body`,`tags`],`msg`:`List should have at most 3 items "
                 "after validation, not 4`,`input`:[1,2,3,4],"
                 "`ctx`:{`field_type`:`List`,`max_length`:3,`actual_length`:4}}");
}

static void a_list_without_a_maximum_has_one_all_the_same(void **state)
{
    (void)state;
    AUTO_BUFFER(list, ERRORS_MAX_BYTES);
    buffer_add_text(&list, "0");
    for (int i = 1; i < HUGE_COUNT; i++)
        buffer_add_text(&list, ",0");
    const char *body = arena_printf(arena, "{`username`:`a`,`items`:[%s]}", buffer_text(&list));
    refuse_order(
        body, arena_printf(arena,
                           "{`type`:`too_long`,`loc`:[`body`,`items`],`msg`:`List should have at "
                           "most 1024 items after validation, not %d`,`input`:[%s],`ctx`:"
                           "{`field_type`:`List`,`max_length`:1024,`actual_length`:%d}}",
                           HUGE_COUNT, buffer_text(&list), HUGE_COUNT));
}

static void errors_that_do_not_fit_overflow(void **state)
{
    (void)state;
    struct order order = {0};
    AUTO_BUFFER(errors, 64);
    const struct request_parts parts = order_parts("{}");
    assert_int_equal(message_decode_request(&order_message, &parts, arena, &order, &errors),
                     STATUS_INVALID);
    assert_true(errors.overflowed);
}

/* ---- parameters ---- */

static void an_absent_query_parameter_is_missing_with_null(void **state)
{
    (void)state;
    static const char *const queries[] = {NULL, "", "other=1", "Key=1", "key%3D1"};
    for (size_t i = 0; i < ARRAY_LEN(queries); i++) {
        const struct request_parts parts = {.query = queries[i]};
        expect_refused(
            arena, &check_message, &parts,
            "{`type`:`missing`,`loc`:[`query`,`key`],`msg`:`Field required`,`input`:null}");
    }
}

static void parameters_are_percent_decoded(void **state)
{
    (void)state;
    static const struct {
        const char *query;
        const char *key;
    } rows[] = {
        {"key=TTB-1", "TTB-1"},
        {"a=b&key=%54%54b&c", "TTb"},
        {"k%65y=1", "1"},
        {"key=", ""},
        {"key", ""},
        {"key=a=b", "a=b"},
        {"key=a%26b%3dc", "a&b=c"},
        {"key=a+b%20c%2B", "a b c+"},
        {"key=%D1%91%D0%B6", "ёж"},
        {"key=100%&x", "100%"},
        {"key=%zz%4", "%zz%4"},
        {"key=1&key=2", "2"},
        {"key=a%FFb%C3", "a\uFFFDb\uFFFD"},
        {"key=a%00b", "a%00b"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct check check = {0};
        const struct request_parts parts = {.query = rows[i].query};
        expect_decoded(arena, &check_message, &parts, &check);
        assert_string_equal(check.key, rows[i].key);
    }
}

static void path_and_query_values_are_read_as_their_types(void **state)
{
    (void)state;
    struct order order = {0};
    struct request_parts parts = order_parts("{`username`:`ann`}");
    parts.path = "room=%37%37";
    parts.query = "limit=%201000%20&dry=Yes";
    expect_decoded(arena, &order_message, &parts, &order);
    assert_int_equal(order.room, 77);
    assert_int_equal(order.limit, 1000);
    assert_true(order.has_dry && order.dry);
}

/* ---- messages of our own ---- */

static void our_own_message_is_read_without_parameters(void **state)
{
    (void)state;
    struct item item = {0};
    const char *json = json_of(arena, "{`name`:`rose`,`new`:1}");
    assert_int_equal(message_decode(&item_message, slice_of(json), arena, &item), STATUS_OK);
    assert_string_equal(item.name, "rose");
    assert_int_equal(item.count, 1);
}

static void a_broken_message_of_our_own_is_an_internal_fault(void **state)
{
    (void)state;
    static const char *const broken[] = {
        "", "null", "[]", "{", "{}", "{`name`:null}", "{`name`:[{}]}", "{`name`:`a`}x"};
    for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
        struct item item = {0};
        const char *json = json_of(arena, broken[i]);
        assert_int_equal(message_decode(&item_message, slice_of(json), arena, &item),
                         STATUS_INTERNAL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_errors_are_collected_parameters_first),
        TEST(defaults_stand_in_for_what_is_absent),
        TEST(null_is_taken_only_where_it_is_allowed),
        TEST(unknown_fields_are_ignored_and_the_last_of_two_counts),
        TEST(lists_are_read_item_by_item),
        TEST(an_error_in_a_list_tells_the_index),
        TEST(a_lists_texts_have_a_maximum_in_characters),
        TEST(a_long_list_is_refused),
        TEST(a_list_without_a_maximum_has_one_all_the_same),
        TEST(errors_that_do_not_fit_overflow),
        TEST(an_absent_query_parameter_is_missing_with_null),
        TEST(parameters_are_percent_decoded),
        TEST(path_and_query_values_are_read_as_their_types),
        TEST(our_own_message_is_read_without_parameters),
        TEST(a_broken_message_of_our_own_is_an_internal_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
