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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_waits_for_its_share),
        cmocka_unit_test(a_pause_is_over_when_it_was_told_to_be),
        cmocka_unit_test(a_pause_is_never_shortened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
