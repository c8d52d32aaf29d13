/* SPDX-License-Identifier: MIT */
#include "lib/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static int set_up(void **state)
{
    *state = arena_new(1 << 20);
    return 0;
}

static int tear_down(void **state)
{
    arena_free(*state);
    return 0;
}

static void texts_are_compared_with_and_without_case(void **state)
{
    (void)state;
    assert_true(text_equal("abc", "abc"));
    assert_false(text_equal("abc", "Abc"));
    assert_false(text_equal("abc", "ab"));
    assert_true(text_equal_fold("aBc-1", "AbC-1"));
    assert_false(text_equal_fold("abc", "abcd"));
    assert_false(text_equal_fold("abcd", "abc"));
    assert_false(text_equal_fold("[", "{")); /* these differ by a letter's case bit only */
}

static void a_prefix_is_found_at_the_start_only(void **state)
{
    (void)state;
    assert_true(text_starts_with("Bearer x", "Bearer "));
    assert_true(text_starts_with("x", ""));
    assert_false(text_starts_with("Bear", "Bearer"));
    assert_false(text_starts_with("a Bearer", "Bearer"));
}

static void blank_is_null_empty_or_white_space(void **state)
{
    (void)state;
    assert_true(text_is_blank(NULL));
    assert_true(text_is_blank(""));
    assert_true(text_is_blank(" \t\r\n\v\f"));
    assert_false(text_is_blank("  x "));
}

static void bytes_are_compared_to_the_last_one(void **state)
{
    (void)state;
    assert_true(text_equal_constant_time("a\0b", "a\0b", 3));
    assert_false(text_equal_constant_time("a\0b", "a\0c", 3));
    assert_false(text_equal_constant_time("xbc", "abc", 3));
    assert_true(text_equal_constant_time("abc", "abd", 2));
    assert_true(text_equal_constant_time("a", "b", 0));
}

static void trimming_takes_white_space_off_the_ends(void **state)
{
    assert_string_equal(text_trim(*state, " \t a b \n"), "a b");
    assert_string_equal(text_trim(*state, "   "), "");
    assert_string_equal(text_trim(*state, "x"), "x");
}

static void only_ascii_letters_change_case(void **state)
{
    (void)state;
    char text[] = "aZ[`{@1 Ёж";
    text_lower(text);
    assert_string_equal(text, "az[`{@1 Ёж");
    text_upper(text);
    assert_string_equal(text, "AZ[`{@1 Ёж");
}

static void code_points_of_each_length_decode_and_append_again(void **state)
{
    (void)state;
    static const uint32_t code_points[] = {0x01,   0x7F,   0x80,   0x7FF,   0x800,   0xD7FF,
                                           0xE000, 0xFFFD, 0xFFFF, 0x10000, 0x10FFFF};
    for (size_t i = 0; i < ARRAY_LEN(code_points); i++) {
        AUTO_BUFFER(out, 16);
        text_utf8_append(&out, code_points[i]);
        uint32_t decoded = 0;
        assert_int_equal(text_utf8_decode(out.data, out.size, &decoded), out.size);
        assert_int_equal(decoded, code_points[i]);
        assert_true(text_utf8_is_valid(out.data, out.size));
    }
}

static void code_points_that_do_not_exist_append_a_replacement(void **state)
{
    (void)state;
    AUTO_BUFFER(out, 16);
    text_utf8_append(&out, 0xD800);
    text_utf8_append(&out, 0x110000);
    assert_string_equal(buffer_text(&out), "\uFFFD\uFFFD");
}

static void malformed_sequences_take_one_byte_each(void **state)
{
    (void)state;
    static const char *const malformed[] = {
        "\x80",             /* no lead byte */
        "\xC1\xBF",         /* overlong */
        "\xE0\x9F\xBF",     /* overlong */
        "\xF0\x8F\xBF\xBF", /* overlong */
        "\xED\xA0\x80",     /* a surrogate */
        "\xF4\x90\x80\x80", /* past U+10FFFF */
        "\xF5\x80\x80\x80", /* no lead byte */
        "\xE2\x82",         /* cut short */
        "\xE2\x28\xA1",     /* no continuation */
    };
    for (size_t i = 0; i < ARRAY_LEN(malformed); i++) {
        uint32_t decoded = 0;
        size_t size = strlen(malformed[i]);
        assert_int_equal(text_utf8_decode(malformed[i], size, &decoded), 1);
        assert_int_equal(decoded, 0xFFFD);
        assert_false(text_utf8_is_valid(malformed[i], size));
    }
}

static void a_replacement_character_in_the_text_is_valid(void **state)
{
    (void)state;
    assert_true(text_utf8_is_valid("a\uFFFDb", 5));
    assert_true(text_utf8_is_valid("", 0));
}

static void length_counts_code_points_and_malformed_bytes(void **state)
{
    (void)state;
    assert_int_equal(text_utf8_length(""), 0);
    assert_int_equal(text_utf8_length("Ёж🎄"), 3);
    assert_int_equal(text_utf8_length("a\xE2\x82"), 3);
}

static void whole_numbers_in_range_are_read(void **state)
{
    (void)state;
    int64_t value = 0;
    assert_true(text_parse_int("42", 0, 42, &value));
    assert_int_equal(value, 42);
    assert_true(text_parse_int("-7", -7, 0, &value));
    assert_int_equal(value, -7);
    assert_true(text_parse_int("007", 0, 10, &value));
    assert_int_equal(value, 7);
    assert_true(text_parse_int("9223372036854775807", INT64_MIN, INT64_MAX, &value));
    assert_true(value == INT64_MAX);
    assert_true(text_parse_int("-9223372036854775808", INT64_MIN, INT64_MAX, &value));
    assert_true(value == INT64_MIN);
}

static void what_is_no_number_in_range_is_refused(void **state)
{
    (void)state;
    static const char *const refused[] = {
        "",
        "-",
        "+1",
        " 1",
        "1 ",
        "1.0",
        "0x1",
        "--1",
        "1-",
        "101",
        "-1",
        "9223372036854775808",
        "-9223372036854775809",
        "99999999999999999999999999",
    };
    int64_t value = 77;
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        assert_false(text_parse_int(refused[i], 0, 100, &value));
    assert_false(text_parse_int("9223372036854775808", INT64_MIN, INT64_MAX, &value));
    assert_false(text_parse_int("-9223372036854775809", INT64_MIN, INT64_MAX, &value));
    assert_int_equal(value, 77);
}

static void query_values_are_found_and_decoded(void **state)
{
    const char *query = "a=1&name=J%C3%B6rg+M%26&empty=&flag&%6Bey=v=w";
    assert_string_equal(text_query_find(*state, query, "a"), "1");
    assert_string_equal(text_query_find(*state, query, "name"), "Jörg M&");
    assert_string_equal(text_query_find(*state, query, "empty"), "");
    assert_string_equal(text_query_find(*state, query, "flag"), "");
    assert_string_equal(text_query_find(*state, query, "key"), "v=w");
    assert_null(text_query_find(*state, query, "nam"));
    assert_null(text_query_find(*state, "", "a"));
    assert_null(text_query_find(*state, NULL, "a"));
}

static void of_a_repeated_key_the_last_value_counts(void **state)
{
    assert_string_equal(text_query_find(*state, "a=1&&a=2&", "a"), "2");
}

static void malformed_percent_codes_and_nul_stay_as_they_are(void **state)
{
    assert_string_equal(text_query_find(*state, "a=100%", "a"), "100%");
    assert_string_equal(text_query_find(*state, "a=%4", "a"), "%4");
    assert_string_equal(text_query_find(*state, "a=%zz%41", "a"), "%zzA");
    assert_string_equal(text_query_find(*state, "a=x%00y", "a"), "x%00y");
    assert_string_equal(text_query_find(*state, "a=%4&b=1", "a"), "%4");
}

static void percent_encoding_spares_the_unreserved_characters_only(void **state)
{
    (void)state;
    AUTO_BUFFER(out, 100);
    text_percent_encode(&out, "aZ09-._~ /?&=+%ж");
    assert_string_equal(buffer_text(&out), "aZ09-._~%20%2F%3F%26%3D%2B%25%D0%B6");
}

static void hexadecimal_is_lower_case(void **state)
{
    (void)state;
    char out[9];
    text_hex("\x00\x0F\xA0\xFF", 4, out);
    assert_string_equal(out, "000fa0ff");
    text_hex(NULL, 0, out);
    assert_string_equal(out, "");
}

static void what_repeats_at_the_end_does_not_count(void **state)
{
    (void)state;
    assert_int_equal(text_length_less("http://a//", '/'), 8);
    assert_int_equal(text_length_less("http://a", '/'), 8);
    assert_int_equal(text_length_less("//", '/'), 0);
    assert_int_equal(text_length_less("", '/'), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_repeats_at_the_end_does_not_count),
        cmocka_unit_test(texts_are_compared_with_and_without_case),
        cmocka_unit_test(a_prefix_is_found_at_the_start_only),
        cmocka_unit_test(blank_is_null_empty_or_white_space),
        cmocka_unit_test(bytes_are_compared_to_the_last_one),
        cmocka_unit_test(trimming_takes_white_space_off_the_ends),
        cmocka_unit_test(only_ascii_letters_change_case),
        cmocka_unit_test(code_points_of_each_length_decode_and_append_again),
        cmocka_unit_test(code_points_that_do_not_exist_append_a_replacement),
        cmocka_unit_test(malformed_sequences_take_one_byte_each),
        cmocka_unit_test(a_replacement_character_in_the_text_is_valid),
        cmocka_unit_test(length_counts_code_points_and_malformed_bytes),
        cmocka_unit_test(whole_numbers_in_range_are_read),
        cmocka_unit_test(what_is_no_number_in_range_is_refused),
        cmocka_unit_test(query_values_are_found_and_decoded),
        cmocka_unit_test(of_a_repeated_key_the_last_value_counts),
        cmocka_unit_test(malformed_percent_codes_and_nul_stay_as_they_are),
        cmocka_unit_test(percent_encoding_spares_the_unreserved_characters_only),
        cmocka_unit_test(hexadecimal_is_lower_case),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
