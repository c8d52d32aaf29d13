/* SPDX-License-Identifier: MIT */
#include "services/license/domain/plans.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void plan_names_compare_in_one_form(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *plan;
    } rows[] = {
        {"pro", "pro"},
        {"Nova-Free Streamer", "nova_free_streamer"},
        {"  nova_free_streamer\n", "nova_free_streamer"},
        {"a--b", "a__b"},
        {"-", "_"},
    };
    AUTO(arena_free) struct arena *arena = arena_new(65536);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_string_equal(plan_normalise(arena, rows[i].name), rows[i].plan);
}

static void no_name_is_no_plan(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(65536);
    assert_null(plan_normalise(arena, NULL));
    assert_null(plan_normalise(arena, ""));
    assert_null(plan_normalise(arena, " \t\n"));
}

static void a_term_left_out_or_zero_is_30_days(void **state)
{
    (void)state;
    int64_t days = 0;
    assert_true(term_check(false, 0, &days));
    assert_int_equal(days, 30);
    assert_true(term_check(true, 0, &days));
    assert_int_equal(days, 30);
    assert_true(term_check(false, -5, &days)); /* what stands there without has_days is no value */
    assert_int_equal(days, 30);
}

static void a_term_is_1_to_3650_days(void **state)
{
    (void)state;
    static const int64_t good[] = {1, 30, 3650};
    static const int64_t bad[] = {-1, 3651, INT64_MAX, INT64_MIN};
    int64_t days = 7;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(term_check(true, bad[i], &days));
    assert_int_equal(days, 7);
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        assert_true(term_check(true, good[i], &days));
        assert_int_equal(days, good[i]);
    }
}

static void a_term_is_lengthened_by_1_to_3650_days(void **state)
{
    (void)state;
    assert_true(extension_check(1));
    assert_true(extension_check(3650));
    assert_false(extension_check(0));
    assert_false(extension_check(-1));
    assert_false(extension_check(3651));
    assert_false(extension_check(INT64_MAX));
    assert_false(extension_check(INT64_MIN));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plan_names_compare_in_one_form),
        cmocka_unit_test(no_name_is_no_plan),
        cmocka_unit_test(a_term_left_out_or_zero_is_30_days),
        cmocka_unit_test(a_term_is_1_to_3650_days),
        cmocka_unit_test(a_term_is_lengthened_by_1_to_3650_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
