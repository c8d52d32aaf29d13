/* SPDX-License-Identifier: MIT */
#include "services/gateway/ws/wheel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define BEGAN_MS 1234567
#define TIMERS 3

static struct wheel wheel;
static struct wheel_timer timers[TIMERS];
static int fired[TIMERS];

static int begin(void **state)
{
    (void)state;
    memset(timers, 0, sizeof(timers));
    memset(fired, 0, sizeof(fired));
    wheel_init(&wheel, BEGAN_MS);
    return 0;
}

static void count(struct wheel_timer *timer)
{
    fired[timer - timers]++;
}

static void count_and_set_again(struct wheel_timer *timer)
{
    count(timer);
    wheel_set(&wheel, timer, WHEEL_MAX_MS, count_and_set_again);
}

static void count_and_cancel_the_others(struct wheel_timer *timer)
{
    count(timer);
    for (int i = 0; i < TIMERS; i++)
        wheel_cancel(&timers[i]);
}

/* Turns the wheel until the timer has fired; how long that took. */
static int64_t turn_until_fired(int timer)
{
    int64_t passed_ms = 0;
    while (!fired[timer]) {
        assert_true(passed_ms <= 2 * WHEEL_MAX_MS);
        wheel_turn(&wheel, BEGAN_MS + ++passed_ms);
    }
    return passed_ms;
}

static void a_timer_fires_once_and_never_early(void **state)
{
    (void)state;
    const int64_t delays_ms[] = {0, 1, WHEEL_STEP_MS, WHEEL_STEP_MS + 1, 10000, WHEEL_MAX_MS};
    for (size_t i = 0; i < sizeof(delays_ms) / sizeof(*delays_ms); i++) {
        begin(NULL);
        wheel_set(&wheel, &timers[0], delays_ms[i], count);
        int64_t passed_ms = turn_until_fired(0);
        assert_in_range(passed_ms, delays_ms[i], delays_ms[i] + 2 * WHEEL_STEP_MS);
        wheel_turn(&wheel, BEGAN_MS + passed_ms + 4 * WHEEL_MAX_MS);
        assert_int_equal(fired[0], 1);
    }
}

static void a_timer_that_is_set_again_has_the_new_time_only(void **state)
{
    (void)state;
    wheel_set(&wheel, &timers[0], 1000, count);
    wheel_set(&wheel, &timers[0], 5000, count);
    assert_in_range(turn_until_fired(0), 5000, 5000 + 2 * WHEEL_STEP_MS);
}

static void a_cancelled_timer_does_not_fire_and_the_others_do(void **state)
{
    (void)state;
    for (int i = 0; i < TIMERS; i++)
        wheel_set(&wheel, &timers[i], 1000, count);
    wheel_cancel(&timers[1]);
    wheel_cancel(&timers[1]);
    wheel_turn(&wheel, BEGAN_MS + 2000);
    assert_int_equal(fired[0], 1);
    assert_int_equal(fired[1], 0);
    assert_int_equal(fired[2], 1);
}

static void a_timer_may_set_itself_again_for_a_whole_turn(void **state)
{
    (void)state;
    wheel_set(&wheel, &timers[0], 0, count_and_set_again);
    for (int64_t passed_ms = 0; passed_ms <= 3 * WHEEL_MAX_MS; passed_ms += 100)
        wheel_turn(&wheel, BEGAN_MS + passed_ms);
    assert_in_range(fired[0], 3, 4);
    wheel_cancel(&timers[0]);
}

static void a_timer_may_cancel_those_that_are_due_with_it(void **state)
{
    (void)state;
    for (int i = 0; i < TIMERS; i++)
        wheel_set(&wheel, &timers[i], 1000, count_and_cancel_the_others);
    wheel_turn(&wheel, BEGAN_MS + 60000);
    assert_int_equal(fired[0] + fired[1] + fired[2], 1);
}

static void after_a_long_pause_everything_is_due(void **state)
{
    (void)state;
    for (int i = 0; i < TIMERS; i++)
        wheel_set(&wheel, &timers[i], i * WHEEL_MAX_MS / TIMERS, count);
    wheel_turn(&wheel, BEGAN_MS + 100 * WHEEL_MAX_MS);
    for (int i = 0; i < TIMERS; i++)
        assert_int_equal(fired[i], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_timer_fires_once_and_never_early, begin),
        cmocka_unit_test_setup(a_timer_that_is_set_again_has_the_new_time_only, begin),
        cmocka_unit_test_setup(a_cancelled_timer_does_not_fire_and_the_others_do, begin),
        cmocka_unit_test_setup(a_timer_may_set_itself_again_for_a_whole_turn, begin),
        cmocka_unit_test_setup(a_timer_may_cancel_those_that_are_due_with_it, begin),
        cmocka_unit_test_setup(after_a_long_pause_everything_is_due, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
