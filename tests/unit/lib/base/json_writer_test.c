/* SPDX-License-Identifier: MIT */
#include "lib/base/json_writer.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void check_text(const char *text, size_t size, const char *expected)
{
    AUTO_BUFFER(out, 4096);
    struct json_writer writer;
    json_init(&writer, &out);
    json_put_text_n(&writer, text, size);
    assert_string_equal(buffer_text(&out), expected);
}

static void check_double(double value, const char *expected)
{
    AUTO_BUFFER(out, 4096);
    struct json_writer writer;
    json_init(&writer, &out);
    json_put_double(&writer, value);
    assert_string_equal(buffer_text(&out), expected);
}

static void commas_stand_between_members_only(void **state)
{
    (void)state;
    AUTO_BUFFER(out, 4096);
    struct json_writer writer;
    json_init(&writer, &out);
    json_open(&writer, '{');
    json_pair_text(&writer, "name", "Ann");
    json_pair_int(&writer, "age", 7);
    json_pair_bool(&writer, "is_new", false);
    json_key(&writer, "list");
    json_open(&writer, '[');
    json_open(&writer, '{');
    json_close(&writer, '}');
    json_open(&writer, '[');
    json_close(&writer, ']');
    json_put_null(&writer);
    json_put_bool(&writer, true);
    json_put_raw(&writer, "[1,2]", 5);
    json_close(&writer, ']');
    json_pair_text(&writer, "none", NULL);
    json_close(&writer, '}');
    assert_string_equal(buffer_text(&out), "{\"name\":\"Ann\",\"age\":7,\"is_new\":false,"
                                           "\"list\":[{},[],null,true,[1,2]],\"none\":null}");
}

static void plain_and_non_ascii_text_stays_as_it_is(void **state)
{
    (void)state;
    check_text("", 0, "\"\"");
    check_text("a/b'c\x7f", 6, "\"a/b'c\x7f\"");
    check_text("Ёлка 🎄", strlen("Ёлка 🎄"), "\"Ёлка 🎄\"");
}

static void special_characters_are_escaped(void **state)
{
    (void)state;
    check_text("\"\\\b\f\n\r\t", 7, "\"\\\"\\\\\\b\\f\\n\\r\\t\"");
    check_text("a\0b\x01\x1f", 5, "\"a\\u0000b\\u0001\\u001f\"");
    check_text("end\n", 4, "\"end\\n\"");
}

static void each_malformed_byte_becomes_a_replacement_character(void **state)
{
    (void)state;
    check_text("a\xFFz", 3, "\"a\uFFFDz\"");
    check_text("\xC0\x80", 2, "\"\uFFFD\uFFFD\"");
    check_text("\xED\xA0\x80", 3, "\"\uFFFD\uFFFD\uFFFD\"");
    check_text("\xE2\x82", 2, "\"\uFFFD\uFFFD\"");
    check_text("\xF0\x9F\x8E\"", 4, "\"\uFFFD\uFFFD\uFFFD\\\"\"");
}

static void keys_are_escaped_too(void **state)
{
    (void)state;
    AUTO_BUFFER(out, 4096);
    struct json_writer writer;
    json_init(&writer, &out);
    json_open(&writer, '{');
    json_pair_int(&writer, "a\"b", 1);
    json_close(&writer, '}');
    assert_string_equal(buffer_text(&out), "{\"a\\\"b\":1}");
}

static void integers_are_exact_to_both_ends_of_their_range(void **state)
{
    (void)state;
    AUTO_BUFFER(out, 4096);
    struct json_writer writer;
    json_init(&writer, &out);
    json_open(&writer, '[');
    json_put_int(&writer, 0);
    json_put_int(&writer, -1);
    json_put_int(&writer, INT64_MAX);
    json_put_int(&writer, INT64_MIN);
    json_close(&writer, ']');
    assert_string_equal(buffer_text(&out), "[0,-1,9223372036854775807,-9223372036854775808]");
}

static void doubles_are_the_shortest_text_that_reads_back(void **state)
{
    (void)state;
    check_double(0, "0.0");
    check_double(1, "1.0");
    check_double(-2.5, "-2.5");
    check_double(0.1, "0.1");
    check_double(0.1 + 0.2, "0.30000000000000004");
    check_double(1e15, "1000000000000000.0");
    check_double(10843961455744946.0, "10843961455744946.0"); /* 17 digits and no fraction */
    check_double(1e17, "1e+17");
    check_double(1.5e-7, "1.5e-07");
}

static void numbers_that_json_lacks_become_null(void **state)
{
    (void)state;
    check_double(NAN, "null");
    check_double(-INFINITY, "null");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commas_stand_between_members_only),
        cmocka_unit_test(plain_and_non_ascii_text_stays_as_it_is),
        cmocka_unit_test(special_characters_are_escaped),
        cmocka_unit_test(each_malformed_byte_becomes_a_replacement_character),
        cmocka_unit_test(keys_are_escaped_too),
        cmocka_unit_test(integers_are_exact_to_both_ends_of_their_range),
        cmocka_unit_test(doubles_are_the_shortest_text_that_reads_back),
        cmocka_unit_test(numbers_that_json_lacks_become_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
