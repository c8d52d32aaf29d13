/* SPDX-License-Identifier: MIT */
#include "services/media/speech/pending.h"

#include "lib/base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define LONG_MS 600000
#define USER "11111111-2222-4333-8444-555555555555"
#define OTHER_USER "22222222-2222-4333-8444-555555555555"
#define MINE(name) "tts/" USER "/" name
#define OTHERS "tts/" OTHER_USER "/a"

static void count_wake(void *waiter)
{
    atomic_fetch_add((atomic_int *)waiter, 1);
}

/* For wakes that come by the clock alone. */
static void await(atomic_int *wakes)
{
    while (atomic_load(wakes) == 0)
        clock_sleep_ms(1);
}

static struct pending *with_limits(unsigned speeches, unsigned waiters, unsigned wait_ms,
                                   unsigned grace_ms)
{
    struct pending_options options = {
        .speeches_max = speeches, .waiters_max = waiters, .wait_ms = wait_ms, .grace_ms = grace_ms};
    return pending_new(&options);
}

static void who_waits_is_woken_once_when_the_speech_is_there(void **state)
{
    (void)state;
    AUTO(pending_free) struct pending *pending = with_limits(4, 4, LONG_MS, LONG_MS);
    atomic_int one = 0, two = 0, other = 0;
    assert_int_equal(pending_begin(pending, "a"), STATUS_OK);
    assert_int_equal(pending_wait(pending, "a", count_wake, &one), PENDING_WAIT);
    assert_int_equal(pending_wait(pending, "a", count_wake, &two), PENDING_WAIT);
    assert_int_equal(pending_wait(pending, "b", count_wake, &other), PENDING_WAIT);
    pending_end(pending, "a", true);
    pending_end(pending, "a", true);
    assert_int_equal(one, 1);
    assert_int_equal(two, 1);
    assert_int_equal(other, 0);
    pending_stop(pending);
    assert_int_equal(one, 1);
    assert_int_equal(other, 1);
}

static void who_comes_before_the_speech_is_begun_waits_as_well(void **state)
{
    (void)state;
    AUTO(pending_free) struct pending *pending = with_limits(4, 4, LONG_MS, LONG_MS);
    atomic_int wakes = 0;
    assert_int_equal(pending_wait(pending, "a", count_wake, &wakes), PENDING_WAIT);
    assert_int_equal(pending_begin(pending, "a"), STATUS_OK);
    assert_int_equal(wakes, 0);
    pending_end(pending, "a", true);
    assert_int_equal(wakes, 1);
}

static void who_comes_afterwards_need_not_wait(void **state)
{
    (void)state;
    AUTO(pending_free) struct pending *pending = with_limits(4, 4, LONG_MS, LONG_MS);
    atomic_int wakes = 0;
    assert_int_equal(pending_begin(pending, "made"), STATUS_OK);
    pending_end(pending, "made", true);
    assert_int_equal(pending_wait(pending, "made", count_wake, &wakes), PENDING_READY);
    assert_int_equal(pending_begin(pending, "failed"), STATUS_OK);
    pending_end(pending, "failed", false);
    assert_int_equal(pending_wait(pending, "failed", count_wake, &wakes), PENDING_GONE);
    assert_int_equal(wakes, 0);
}

static void the_wait_for_an_unknown_speech_ends_after_the_grace(void **state)
{
    (void)state;
    AUTO(pending_free) struct pending *pending = with_limits(4, 4, LONG_MS, 1);
    atomic_int wakes = 0;
    assert_int_equal(pending_wait(pending, "a", count_wake, &wakes), PENDING_WAIT);
    await(&wakes);
}

static void the_wait_for_a_pending_speech_ends_at_the_limit(void **state)
{
    (void)state;
    AUTO(pending_free) struct pending *pending = with_limits(4, 4, 1, LONG_MS);
    atomic_int wakes = 0;
    assert_int_equal(pending_begin(pending, "a"), STATUS_OK);
    assert_int_equal(pending_wait(pending, "a", count_wake, &wakes), PENDING_WAIT);
    await(&wakes);
}

static void a_speech_is_begun_once_and_again_after_it_failed(void **state)
{
    (void)state;
    AUTO(pending_free) struct pending *pending = with_limits(4, 4, LONG_MS, LONG_MS);
    assert_int_equal(pending_begin(pending, "a"), STATUS_OK);
    assert_int_equal(pending_begin(pending, "a"), STATUS_CONFLICT);
    pending_end(pending, "a", false);
    assert_int_equal(pending_begin(pending, "a"), STATUS_OK);
}

static void both_tables_are_bounded(void **state)
{
    (void)state;
    AUTO(pending_free) struct pending *pending = with_limits(2, 2, LONG_MS, LONG_MS);
    atomic_int wakes = 0;
    assert_int_equal(pending_begin(pending, "a"), STATUS_OK);
    assert_int_equal(pending_begin(pending, "b"), STATUS_OK);
    assert_int_equal(pending_begin(pending, "c"), STATUS_UNAVAILABLE);
    assert_int_equal(pending_wait(pending, "a", count_wake, &wakes), PENDING_WAIT);
    assert_int_equal(pending_wait(pending, "b", count_wake, &wakes), PENDING_WAIT);
    assert_int_equal(pending_wait(pending, "b", count_wake, &wakes), PENDING_GONE);

    pending_end(pending, "a", true);
    assert_int_equal(wakes, 1);
    assert_int_equal(pending_begin(pending, "c"), STATUS_OK);
    assert_int_equal(pending_wait(pending, "c", count_wake, &wakes), PENDING_WAIT);
}

static void after_the_stop_nobody_waits(void **state)
{
    (void)state;
    AUTO(pending_free) struct pending *pending = with_limits(2, 2, LONG_MS, LONG_MS);
    atomic_int wakes = 0;
    pending_stop(pending);
    assert_int_equal(pending_wait(pending, "a", count_wake, &wakes), PENDING_GONE);
    assert_int_equal(wakes, 0);
}

static void cancel_mine(struct pending *pending)
{
    struct speech_folder folder;
    assert_true(speech_folder_make(USER, &folder));
    pending_cancel(pending, &folder);
}

static void who_makes_a_cancelled_speech_is_told_at_its_end(void **state)
{
    (void)state;
    AUTO(pending_free) struct pending *pending = with_limits(4, 4, LONG_MS, LONG_MS);
    atomic_int wakes = 0;
    assert_int_equal(pending_begin(pending, MINE("a")), STATUS_OK);
    assert_int_equal(pending_begin(pending, OTHERS), STATUS_OK);
    cancel_mine(pending);
    assert_int_equal(pending_begin(pending, MINE("a")), STATUS_CONFLICT);
    assert_false(pending_end(pending, MINE("a"), true));
    assert_int_equal(pending_wait(pending, MINE("a"), count_wake, &wakes), PENDING_GONE);
    assert_true(pending_end(pending, OTHERS, true));
    assert_int_equal(pending_wait(pending, OTHERS, count_wake, &wakes), PENDING_READY);
}

static void nobody_waits_for_a_cancelled_speech(void **state)
{
    (void)state;
    AUTO(pending_free) struct pending *pending = with_limits(4, 4, LONG_MS, LONG_MS);
    atomic_int mine = 0, early = 0, others = 0;
    assert_int_equal(pending_begin(pending, MINE("a")), STATUS_OK);
    assert_int_equal(pending_begin(pending, MINE("made")), STATUS_OK);
    assert_true(pending_end(pending, MINE("made"), true));
    assert_int_equal(pending_wait(pending, MINE("a"), count_wake, &mine), PENDING_WAIT);
    assert_int_equal(pending_wait(pending, MINE("b"), count_wake, &early), PENDING_WAIT);
    assert_int_equal(pending_wait(pending, OTHERS, count_wake, &others), PENDING_WAIT);
    cancel_mine(pending);
    assert_int_equal(mine, 1);
    assert_int_equal(early, 1);
    assert_int_equal(others, 0);
    assert_int_equal(pending_wait(pending, MINE("a"), count_wake, &mine), PENDING_GONE);
    assert_int_equal(pending_wait(pending, MINE("made"), count_wake, &mine), PENDING_GONE);
}

static void a_speech_may_begin_again_after_the_cancelled_one(void **state)
{
    (void)state;
    AUTO(pending_free) struct pending *pending = with_limits(1, 4, LONG_MS, LONG_MS);
    assert_int_equal(pending_begin(pending, MINE("a")), STATUS_OK);
    cancel_mine(pending);
    assert_int_equal(pending_begin(pending, OTHERS), STATUS_UNAVAILABLE);
    assert_false(pending_end(pending, MINE("a"), true));
    assert_int_equal(pending_begin(pending, MINE("a")), STATUS_OK);
    assert_true(pending_end(pending, MINE("a"), true));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_waits_is_woken_once_when_the_speech_is_there),
        cmocka_unit_test(who_comes_before_the_speech_is_begun_waits_as_well),
        cmocka_unit_test(who_comes_afterwards_need_not_wait),
        cmocka_unit_test(the_wait_for_an_unknown_speech_ends_after_the_grace),
        cmocka_unit_test(the_wait_for_a_pending_speech_ends_at_the_limit),
        cmocka_unit_test(a_speech_is_begun_once_and_again_after_it_failed),
        cmocka_unit_test(both_tables_are_bounded),
        cmocka_unit_test(after_the_stop_nobody_waits),
        cmocka_unit_test(who_makes_a_cancelled_speech_is_told_at_its_end),
        cmocka_unit_test(nobody_waits_for_a_cancelled_speech),
        cmocka_unit_test(a_speech_may_begin_again_after_the_cancelled_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
