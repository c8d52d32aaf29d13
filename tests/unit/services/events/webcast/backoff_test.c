/* SPDX-License-Identifier: MIT */
#include "services/events/webcast/backoff.h"

#include "lib/base/macros.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void waits_double_up_to_thirty_seconds(void **state)
{
    static const int64_t expected[] = {1000, 2000, 4000, 8000, 16000, 30000, 30000};
    (void)state;
    for (unsigned attempt = 0; attempt < ARRAY_LEN(expected); attempt++) {
        int64_t spread = expected[attempt] / 5;
        assert_int_equal(backoff_delay_ms(1000, attempt, (uint32_t)spread), expected[attempt]);
    }
    assert_int_equal(backoff_delay_ms(1000, 4000000000u, 6000), 30000);
}

static void chance_moves_a_wait_by_a_fifth_at_most(void **state)
{
    (void)state;
    for (uint32_t chance = 0; chance < 5000; chance++) {
        int64_t delay = backoff_delay_ms(1000, 0, chance);
        assert_in_range(delay, 800, 1200);
    }
    assert_int_equal(backoff_delay_ms(1000, 0, 0), 800);
    assert_int_equal(backoff_delay_ms(1000, 0, 400), 1200);
}

static void a_bucket_gives_its_minute_at_once_and_then_evenly(void **state)
{
    (void)state;
    struct bucket bucket;
    bucket_init(&bucket, 3, 3, 1000);
    for (int i = 0; i < 3; i++)
        assert_int_equal(bucket_take(&bucket, 1000), 0);
    assert_int_equal(bucket_take(&bucket, 1000), 20000);
    assert_int_equal(bucket_take(&bucket, 20999), 1);
    assert_int_equal(bucket_take(&bucket, 21000), 0);
    assert_int_equal(bucket_take(&bucket, 21000), 20000);
}

static void a_bucket_left_alone_is_full_and_no_more(void **state)
{
    (void)state;
    struct bucket bucket;
    bucket_init(&bucket, 2, 2, 0);
    assert_int_equal(bucket_take(&bucket, INT64_C(1) << 50), 0);
    assert_int_equal(bucket_take(&bucket, INT64_C(1) << 50), 0);
    assert_int_equal(bucket_take(&bucket, INT64_C(1) << 50), 30000);
}

static void a_burst_may_be_larger_than_a_minute_s_allowance(void **state)
{
    (void)state;
    struct bucket bucket;
    bucket_init(&bucket, 2, 5, 0);
    for (int i = 0; i < 5; i++)
        assert_int_equal(bucket_take(&bucket, 0), 0);
    assert_int_equal(bucket_take(&bucket, 0), 30000);
    for (int i = 0; i < 4; i++) /* two minutes later */
        assert_int_equal(bucket_take(&bucket, 120000), 0);
    assert_int_equal(bucket_take(&bucket, 120000), 30000);
    for (int i = 0; i < 5; i++) /* days later: no more than the burst */
        assert_int_equal(bucket_take(&bucket, INT64_C(1000000000000)), 0);
    assert_int_equal(bucket_take(&bucket, INT64_C(1000000000000)), 30000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_double_up_to_thirty_seconds),
        cmocka_unit_test(chance_moves_a_wait_by_a_fifth_at_most),
        cmocka_unit_test(a_bucket_gives_its_minute_at_once_and_then_evenly),
        cmocka_unit_test(a_bucket_left_alone_is_full_and_no_more),
        cmocka_unit_test(a_burst_may_be_larger_than_a_minute_s_allowance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
