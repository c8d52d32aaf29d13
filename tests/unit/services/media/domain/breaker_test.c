/* SPDX-License-Identifier: MIT */
#include "services/media/domain/breaker.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* One attempt, which must be let through. */
static bool attempt(struct breaker *breaker, bool is_good, int64_t now_ms)
{
    uint64_t ticket = 0;
    assert_true(breaker_begin(breaker, now_ms, &ticket));
    return breaker_end(breaker, ticket, is_good, now_ms);
}

static void assert_refused(struct breaker *breaker, int64_t now_ms)
{
    uint64_t ticket = 0;
    assert_false(breaker_is_passable(breaker, now_ms));
    assert_false(breaker_begin(breaker, now_ms, &ticket));
}

static void open_at(struct breaker *breaker, int64_t now_ms)
{
    breaker_init(breaker);
    for (unsigned i = 1; i < BREAKER_FAILURES; i++)
        assert_false(attempt(breaker, false, now_ms));
    assert_true(attempt(breaker, false, now_ms));
}

static void five_failures_in_a_row_open_it_for_ten_seconds(void **state)
{
    (void)state;
    struct breaker breaker;
    open_at(&breaker, 1000);
    assert_int_equal(breaker.state, BREAKER_OPEN);
    assert_refused(&breaker, 1000);
    assert_refused(&breaker, 1000 + BREAKER_PAUSE_MS - 1);
    assert_true(breaker_is_passable(&breaker, 1000 + BREAKER_PAUSE_MS));
}

static void failures_between_successes_never_open_it(void **state)
{
    (void)state;
    struct breaker breaker;
    breaker_init(&breaker);
    for (unsigned i = 1; i < 20 * BREAKER_FAILURES; i++)
        assert_false(attempt(&breaker, i % BREAKER_FAILURES == 0, 0));
    assert_int_equal(breaker.state, BREAKER_CLOSED);
}

static void after_the_pause_one_probe_goes_and_its_success_closes(void **state)
{
    (void)state;
    struct breaker breaker;
    open_at(&breaker, 0);
    uint64_t probe = 0;
    assert_true(breaker_begin(&breaker, BREAKER_PAUSE_MS, &probe));
    assert_int_equal(breaker.state, BREAKER_HALF_OPEN);
    assert_refused(&breaker, 10 * BREAKER_PAUSE_MS);
    assert_true(breaker_end(&breaker, probe, true, 10 * BREAKER_PAUSE_MS));
    assert_int_equal(breaker.state, BREAKER_CLOSED);
    for (unsigned i = 1; i < BREAKER_FAILURES; i++)
        assert_false(attempt(&breaker, false, 10 * BREAKER_PAUSE_MS));
}

static void each_failed_probe_doubles_the_pause_up_to_five_minutes(void **state)
{
    (void)state;
    static const int64_t pauses[] = {10000, 20000, 40000, 80000, 160000, 300000, 300000};
    struct breaker breaker;
    int64_t now_ms = 0;
    open_at(&breaker, now_ms);
    for (size_t i = 0; i < ARRAY_LEN(pauses); i++) {
        assert_refused(&breaker, now_ms + pauses[i] - 1);
        now_ms += pauses[i];
        assert_true(attempt(&breaker, false, now_ms));
    }
    now_ms += BREAKER_PAUSE_MAX_MS;
    assert_true(attempt(&breaker, true, now_ms));
    for (unsigned i = 0; i < BREAKER_FAILURES; i++)
        (void)attempt(&breaker, false, now_ms);
    assert_int_equal(breaker.pause_ms, BREAKER_PAUSE_MS);
}

static void what_began_before_a_change_counts_no_more(void **state)
{
    (void)state;
    struct breaker breaker;
    uint64_t late = 0;
    breaker_init(&breaker);
    assert_true(breaker_begin(&breaker, 0, &late));
    for (unsigned i = 0; i < BREAKER_FAILURES; i++)
        (void)attempt(&breaker, false, 0);
    assert_false(breaker_end(&breaker, late, true, 1));
    assert_refused(&breaker, BREAKER_PAUSE_MS - 1);
    assert_false(breaker_end(&breaker, late, false, 2));
    assert_int_equal(breaker.pause_ms, BREAKER_PAUSE_MS);

    uint64_t probe = 0;
    assert_true(breaker_begin(&breaker, BREAKER_PAUSE_MS, &probe));
    assert_false(breaker_end(&breaker, late, false, BREAKER_PAUSE_MS));
    assert_true(breaker_end(&breaker, probe, true, BREAKER_PAUSE_MS));
    assert_false(breaker_end(&breaker, probe, false, BREAKER_PAUSE_MS));
    assert_int_equal(breaker.failures, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_failures_in_a_row_open_it_for_ten_seconds),
        cmocka_unit_test(failures_between_successes_never_open_it),
        cmocka_unit_test(after_the_pause_one_probe_goes_and_its_success_closes),
        cmocka_unit_test(each_failed_probe_doubles_the_pause_up_to_five_minutes),
        cmocka_unit_test(what_began_before_a_change_counts_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
