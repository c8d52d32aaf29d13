/* SPDX-License-Identifier: MIT */
#include "lib/base/clock.h"
#include "lib/base/macros.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void check_format(int64_t wall_ms, const char *expected)
{
    char text[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(wall_ms, text);
    assert_string_equal(text, expected);
}

static void wall_time_is_written_in_utc_with_milliseconds(void **state)
{
    (void)state;
    setenv("TZ", "Asia/Tokyo", 1);
    tzset();
    check_format(0, "1970-01-01T00:00:00.000Z");
    check_format(1763123696789, "2025-11-14T12:34:56.789Z");
    check_format(951827696007, "2000-02-29T12:34:56.007Z");
    check_format(253402300799999, "9999-12-31T23:59:59.999Z");
}

static void times_before_1970_are_written_too(void **state)
{
    (void)state;
    check_format(-1, "1969-12-31T23:59:59.999Z");
    check_format(-1000, "1969-12-31T23:59:59.000Z");
}

static void the_units_of_the_wall_clock_agree(void **state)
{
    (void)state;
    int64_t before_ms = clock_wall_ms();
    int64_t us = clock_wall_us();
    int64_t after_ms = clock_wall_ms();
    assert_in_range(us / 1000, before_ms, after_ms);
    assert_in_range(before_ms / 1000, time(NULL) - 60, time(NULL) + 60);
}

static void sleeping_takes_at_least_the_time_asked_for(void **state)
{
    (void)state;
    int64_t before_ns = clock_mono_ns();
    int64_t before_ms = clock_mono_ms();
    clock_sleep_ms(5);
    clock_sleep_ms(0);
    clock_sleep_ms(-5);
    assert_true(clock_mono_ns() - before_ns >= 5000000);
    assert_true(clock_mono_ms() - before_ms >= 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wall_time_is_written_in_utc_with_milliseconds),
        cmocka_unit_test(times_before_1970_are_written_too),
        cmocka_unit_test(the_units_of_the_wall_clock_agree),
        cmocka_unit_test(sleeping_takes_at_least_the_time_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
