/* SPDX-License-Identifier: MIT */
#include "lib/base/waker.h"

#include "lib/base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SHORT_MS 20
#define LONG_MS 60000 /* a test that slept so long would be ended */

static int set_up(void **state)
{
    static struct waker waker;
    waker_init(&waker);
    *state = &waker;
    return 0;
}

static int tear_down(void **state)
{
    waker_done(*state);
    return 0;
}

static void *nudge_soon(void *waker)
{
    clock_sleep_ms(SHORT_MS);
    waker_nudge(waker);
    return NULL;
}

static void *stop_soon(void *waker)
{
    clock_sleep_ms(SHORT_MS);
    waker_stop(waker);
    return NULL;
}

static void a_sleep_ends_by_itself(void **state)
{
    int64_t before_ms = clock_mono_ms();
    waker_wait(*state, SHORT_MS);
    waker_pause(*state, SHORT_MS);
    assert_true(clock_mono_ms() - before_ms >= 2 * SHORT_MS);
    assert_false(waker_is_stopping(*state));
}

static void a_nudge_ends_a_wait(void **state)
{
    pthread_t other;
    assert_int_equal(pthread_create(&other, NULL, nudge_soon, *state), 0);
    waker_wait(*state, LONG_MS);
    pthread_join(other, NULL);
    assert_false(waker_is_stopping(*state));
}

static void a_nudge_that_came_before_ends_one_wait(void **state)
{
    waker_nudge(*state);
    waker_nudge(*state);
    waker_wait(*state, LONG_MS);
    int64_t before_ms = clock_mono_ms();
    waker_wait(*state, SHORT_MS);
    assert_true(clock_mono_ms() - before_ms >= SHORT_MS);
}

static void a_pause_leaves_nudges_for_the_next_wait(void **state)
{
    waker_nudge(*state);
    int64_t before_ms = clock_mono_ms();
    waker_pause(*state, SHORT_MS);
    assert_true(clock_mono_ms() - before_ms >= SHORT_MS);
    waker_wait(*state, LONG_MS);
}

static void the_stop_ends_every_sleep_for_good(void **state)
{
    pthread_t other;
    assert_int_equal(pthread_create(&other, NULL, stop_soon, *state), 0);
    waker_pause(*state, LONG_MS);
    pthread_join(other, NULL);
    assert_true(waker_is_stopping(*state));
    waker_wait(*state, LONG_MS);
    waker_pause(*state, LONG_MS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_sleep_ends_by_itself),
        TEST(a_nudge_ends_a_wait),
        TEST(a_nudge_that_came_before_ends_one_wait),
        TEST(a_pause_leaves_nudges_for_the_next_wait),
        TEST(the_stop_ends_every_sleep_for_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
