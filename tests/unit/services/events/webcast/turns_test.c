/* SPDX-License-Identifier: MIT */
#include "services/events/webcast/turns.h"

#include "lib/base/macros.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Who is in the queue, in order. */
static void check(const struct turns *turns, const struct turn *const expected[], size_t count)
{
    const struct turn *turn = turns->first;
    assert_int_equal(turns->count, count);
    for (size_t i = 0; i < count; i++, turn = turn->next)
        assert_ptr_equal(turn, expected[i]);
    assert_null(turn);
}

#define CHECK(turns, ...)                                                                          \
    check(turns, (const struct turn *const[]){__VA_ARGS__},                                        \
          ARRAY_LEN(((const struct turn *const[]){__VA_ARGS__})))

static void whoever_has_waited_longest_is_first(void **state)
{
    (void)state;
    struct turns turns = {0};
    struct turn a = {.since_ms = 10}, b = {.since_ms = 20}, c = {.since_ms = 30};
    turns_join(&turns, &b);
    turns_join(&turns, &c);
    turns_join(&turns, &a);
    CHECK(&turns, &a, &b, &c);
}

static void of_those_who_have_waited_as_long_the_first_comer_is_first(void **state)
{
    (void)state;
    struct turns turns = {0};
    struct turn a = {.since_ms = 10}, b = {.since_ms = 10}, c = {.since_ms = 10};
    turns_join(&turns, &c);
    turns_join(&turns, &a);
    turns_join(&turns, &b);
    CHECK(&turns, &c, &a, &b);
}

static void the_urgent_go_before_all_others_and_wait_for_each_other(void **state)
{
    (void)state;
    struct turns turns = {0};
    struct turn old = {.since_ms = 1}, new = {.since_ms = 50};
    struct turn urgent = {.since_ms = 60, .is_urgent = true};
    struct turn more_urgent = {.since_ms = 40, .is_urgent = true};
    turns_join(&turns, &new);
    turns_join(&turns, &urgent);
    turns_join(&turns, &old);
    turns_join(&turns, &more_urgent);
    CHECK(&turns, &more_urgent, &urgent, &old, &new);
}

static void who_leaves_and_comes_again_keeps_the_place(void **state)
{
    (void)state;
    struct turns turns = {0};
    struct turn a = {.since_ms = 10}, b = {.since_ms = 20}, c = {.since_ms = 30};
    turns_join(&turns, &a);
    turns_join(&turns, &b);
    turns_join(&turns, &c);
    turns_leave(&turns, &b);
    CHECK(&turns, &a, &c);
    turns_join(&turns, &b);
    CHECK(&turns, &a, &b, &c);
}

static void the_first_the_last_and_the_only_one_may_leave(void **state)
{
    (void)state;
    struct turns turns = {0};
    struct turn a = {.since_ms = 10}, b = {.since_ms = 20}, c = {.since_ms = 30};
    turns_join(&turns, &a);
    turns_join(&turns, &b);
    turns_join(&turns, &c);
    turns_leave(&turns, &a);
    turns_leave(&turns, &c);
    CHECK(&turns, &b);
    turns_leave(&turns, &b);
    assert_null(turns.first);
    assert_int_equal(turns.count, 0);
}

static void one_that_is_not_in_the_queue_leaves_nothing(void **state)
{
    (void)state;
    struct turns turns = {0};
    struct turn a = {.since_ms = 10}, b = {.since_ms = 20};
    turns_leave(&turns, &a);
    turns_join(&turns, &a);
    turns_leave(&turns, &b);
    CHECK(&turns, &a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whoever_has_waited_longest_is_first),
        cmocka_unit_test(of_those_who_have_waited_as_long_the_first_comer_is_first),
        cmocka_unit_test(the_urgent_go_before_all_others_and_wait_for_each_other),
        cmocka_unit_test(who_leaves_and_comes_again_keeps_the_place),
        cmocka_unit_test(the_first_the_last_and_the_only_one_may_leave),
        cmocka_unit_test(one_that_is_not_in_the_queue_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
