/* SPDX-License-Identifier: MIT */
#include "services/events/webcast/quota.h"

#include "lib/base/macros.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void a_request_waits_for_its_share(void **state)
{
    (void)state;
    struct quota quota;
    enum webcast_error error = WEBCAST_ERROR_CLOSED;
    quota_init(&quota, 2, 2, 1000);
    assert_int_equal(quota_pause_left(&quota, 1000, &error), 0);
    assert_int_equal(quota_take(&quota, 1000), 0);
    assert_int_equal(quota_take(&quota, 1000), 0);
    assert_int_equal(quota_take(&quota, 1000), 30000);
    assert_int_equal(quota_take(&quota, 31000), 0);
}

static void a_pause_is_over_when_it_was_told_to_be(void **state)
{
    (void)state;
    struct quota quota;
    enum webcast_error error = WEBCAST_ERROR_NONE;
    quota_init(&quota, 1, 1, 1000);
    quota_pause(&quota, 1000, 5000, WEBCAST_ERROR_SIGN_RATE_LIMITED);
    assert_int_equal(quota_pause_left(&quota, 2000, &error), 4000);
    assert_int_equal(error, WEBCAST_ERROR_SIGN_RATE_LIMITED);
    assert_int_equal(quota_pause_left(&quota, 6000, &error), 0);
    assert_int_equal(quota_take(&quota, 6000), 0);
}

static void a_pause_is_never_shortened(void **state)
{
    (void)state;
    struct quota quota;
    enum webcast_error error = WEBCAST_ERROR_NONE;
    quota_init(&quota, 10, 10, 1000);
    quota_pause(&quota, 1000, 300000, WEBCAST_ERROR_SIGN_AUTH);
    quota_pause(&quota, 2000, 1000, WEBCAST_ERROR_SIGN_RATE_LIMITED);
    assert_int_equal(quota_pause_left(&quota, 3000, &error), 298000);
    assert_int_equal(error, WEBCAST_ERROR_SIGN_AUTH);
}

static int taken_at_once(struct quota *quota, int64_t now_ms)
{
    int count = 0;
    while (quota_take(quota, now_ms) == 0)
        count++;
    return count;
}

static void replicas_ask_no_more_together_than_one_alone(void **state)
{
    (void)state;
    for (unsigned replicas = 1; replicas <= 4; replicas++) {
        struct quota quota;
        quota_init(&quota, 20, 60, 1000);
        quota_share(&quota, replicas);
        assert_int_equal(taken_at_once(&quota, 1000), 60 / replicas);
        assert_int_equal(quota_take(&quota, 1000), 3000 * replicas);
        assert_int_equal(taken_at_once(&quota, 121000), 40 / replicas);
    }
}

static void who_is_left_alone_has_what_the_others_have_left(void **state)
{
    (void)state;
    struct quota quota;
    quota_init(&quota, 20, 60, 1000);
    quota_share(&quota, 2);
    for (int i = 0; i < 10; i++)
        assert_int_equal(quota_take(&quota, 1000), 0);
    quota_share(&quota, 1);
    assert_int_equal(taken_at_once(&quota, 1000), 40);
    quota_share(&quota, 2);
    assert_int_equal(quota_take(&quota, 1000), 6000);
}

static void of_very_many_replicas_each_may_ask_now_and_then(void **state)
{
    (void)state;
    struct quota quota;
    quota_init(&quota, 6, 3, 1000);
    quota_share(&quota, 1000);
    assert_int_equal(quota_take(&quota, 1000), 0);
    assert_int_equal(quota_take(&quota, 1000), 30000);
    assert_int_equal(quota_take(&quota, 31000), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_waits_for_its_share),
        cmocka_unit_test(a_pause_is_over_when_it_was_told_to_be),
        cmocka_unit_test(a_pause_is_never_shortened),
        cmocka_unit_test(replicas_ask_no_more_together_than_one_alone),
        cmocka_unit_test(who_is_left_alone_has_what_the_others_have_left),
        cmocka_unit_test(of_very_many_replicas_each_may_ask_now_and_then),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
