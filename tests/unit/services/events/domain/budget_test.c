/* SPDX-License-Identifier: MIT */
#include "services/events/domain/budget.h"

#include "lib/base/macros.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define START_MS 1000000

static unsigned take_all(struct budget *budget, unsigned per_minute, int64_t now_ms)
{
    unsigned taken = 0;
    while (budget_take(budget, per_minute, now_ms))
        taken++;
    return taken;
}

static void a_fresh_budget_gives_a_sixth_of_a_minute_at_once(void **state)
{
    (void)state;
    static const struct {
        unsigned per_minute;
        unsigned burst;
    } rows[] = {{1, 1}, {5, 1}, {6, 1}, {11, 1}, {12, 2}, {20, 3}, {120, 20}, {6000, 1000}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct budget budget = {0};
        assert_int_equal(take_all(&budget, rows[i].per_minute, START_MS), rows[i].burst);
    }
}

static void an_empty_budget_fills_evenly(void **state)
{
    (void)state;
    struct budget budget = {0};
    assert_int_equal(take_all(&budget, 120, START_MS), 20);
    assert_false(budget_take(&budget, 120, START_MS + 250));
    assert_true(budget_take(&budget, 120, START_MS + 500)); /* 120 a minute: one in 500 ms */
    assert_false(budget_take(&budget, 120, START_MS + 999));
    assert_int_equal(take_all(&budget, 120, START_MS + 3000), 5);
}

static void a_long_silence_saves_no_more_than_the_burst(void **state)
{
    (void)state;
    struct budget budget = {0};
    assert_int_equal(take_all(&budget, 120, START_MS), 20);
    assert_int_equal(take_all(&budget, 120, START_MS + 86400000), 20);
}

static void over_a_minute_no_more_is_given_than_the_rate_and_a_burst(void **state)
{
    (void)state;
    struct budget budget = {0};
    unsigned taken = 0;
    for (int64_t ms = 0; ms < 60000; ms += 7)
        taken += budget_take(&budget, 20, START_MS + ms);
    assert_in_range(taken, 22, 23); /* a burst of 3⅓ and 20 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fresh_budget_gives_a_sixth_of_a_minute_at_once),
        cmocka_unit_test(an_empty_budget_fills_evenly),
        cmocka_unit_test(a_long_silence_saves_no_more_than_the_burst),
        cmocka_unit_test(over_a_minute_no_more_is_given_than_the_rate_and_a_burst),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
