/* SPDX-License-Identifier: MIT */
#include "services/events/webcast/turns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void who_comes_first_is_first(void **state)
{
    (void)state;
    struct turns turns = {.first = NULL};
    struct turn a = {.next = NULL}, b = {.next = NULL}, c = {.next = NULL};
    assert_int_equal(turns_join(&turns, &a, false), 0);
    assert_int_equal(turns_join(&turns, &b, false), 1);
    assert_int_equal(turns_join(&turns, &c, false), 2);
    assert_int_equal(turns_join(&turns, &b, false), 1);
    turns_leave(&turns, &a);
    assert_int_equal(turns_join(&turns, &b, false), 0);
    assert_int_equal(turns_join(&turns, &c, false), 1);
}

static void what_is_urgent_goes_before_what_is_not_and_after_what_is(void **state)
{
    (void)state;
    struct turns turns = {.first = NULL};
    struct turn plain = {.next = NULL}, first = {.next = NULL}, second = {.next = NULL};
    assert_int_equal(turns_join(&turns, &plain, false), 0);
    assert_int_equal(turns_join(&turns, &first, true), 0);
    assert_int_equal(turns_join(&turns, &second, true), 1);
    assert_int_equal(turns_join(&turns, &plain, false), 2);
}

static void a_place_is_kept_until_it_is_given_up(void **state)
{
    (void)state;
    struct turns turns = {.first = NULL};
    struct turn a = {.next = NULL}, b = {.next = NULL};
    assert_int_equal(turns_join(&turns, &a, false), 0);
    assert_int_equal(turns_join(&turns, &b, false), 1);
    turns_leave(&turns, &a);
    turns_leave(&turns, &a);
    assert_int_equal(turns_join(&turns, &a, false), 1);
    turns_leave(&turns, &b);
    turns_leave(&turns, &a);
    assert_null(turns.first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_comes_first_is_first),
        cmocka_unit_test(what_is_urgent_goes_before_what_is_not_and_after_what_is),
        cmocka_unit_test(a_place_is_kept_until_it_is_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
