/* SPDX-License-Identifier: MIT */
#include "lib/daemon/import_values.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void a_whole_number_is_read_however_it_is_written(void **state)
{
    (void)state;
    int64_t value;
    assert_true(import_parse_int("9900", 0, INT64_MAX, &value));
    assert_int_equal(value, 9900);
    assert_true(import_parse_int("9900.00", 0, INT64_MAX, &value));
    assert_int_equal(value, 9900);
    assert_true(import_parse_int("-5.0", -10, 10, &value));
    assert_int_equal(value, -5);
    assert_true(import_parse_int("7.", 0, 10, &value));
    assert_int_equal(value, 7);
}

static void what_is_no_whole_number_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        ".",
                                        "19.90",
                                        "1e3",
                                        "NaN",
                                        "0x1",
                                        "1.0 ",
                                        "1.0.0",
                                        "ten",
                                        "99999999999999999999",
                                        "00000000000000000000000000000000000000000000001"};
    int64_t value = 42;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        assert_false(import_parse_int(texts[i], INT64_MIN, INT64_MAX, &value));
    assert_int_equal(value, 42);
}

static void a_number_out_of_range_is_refused(void **state)
{
    (void)state;
    int64_t value;
    assert_false(import_parse_int("-1", 0, 10, &value));
    assert_false(import_parse_int("11.0", 0, 10, &value));
}

static void booleans_may_be_words_letters_or_numbers(void **state)
{
    (void)state;
    static const char *const yes[] = {"true", "t", "1", "True"};
    static const char *const no[] = {"false", "f", "0", "FALSE"};
    for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
        bool value = false;
        assert_true(import_parse_bool(yes[i], &value));
        assert_true(value);
        assert_true(import_parse_bool(no[i], &value));
        assert_false(value);
    }
}

static void what_is_no_boolean_is_refused(void **state)
{
    (void)state;
    bool value;
    assert_false(import_parse_bool("", &value));
    assert_false(import_parse_bool("2", &value));
    assert_false(import_parse_bool("maybe", &value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_number_is_read_however_it_is_written),
        cmocka_unit_test(what_is_no_whole_number_is_refused),
        cmocka_unit_test(a_number_out_of_range_is_refused),
        cmocka_unit_test(booleans_may_be_words_letters_or_numbers),
        cmocka_unit_test(what_is_no_boolean_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
