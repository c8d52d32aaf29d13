/* SPDX-License-Identifier: MIT */
#include "services/gateway/access/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define NOW INT64_C(5000000000000)
#define LOGINS 20 /* a minute */

static int set_up(void **state)
{
    *state = limits_new(1, NULL);
    return 0;
}

static int tear_down(void **state)
{
    limits_free(*state);
    return 0;
}

static struct limits_verdict take(struct limits *limits, const char *address, int64_t now_ns)
{
    struct limits_key key = limits_address_key(address);
    return limits_take(limits, ROUTE_RATE_LOGIN, &key, now_ns);
}

static void use_up(struct limits *limits, const char *address)
{
    for (unsigned i = 1; i <= LOGINS; i++) {
        struct limits_verdict verdict = take(limits, address, NOW);
        assert_false(verdict.is_refused);
        assert_int_equal(verdict.limit, LOGINS);
        assert_int_equal(verdict.remaining, LOGINS - i);
    }
}

static void a_minutes_worth_may_come_at_once_and_no_more(void **state)
{
    use_up(*state, "192.0.2.1");
    struct limits_verdict verdict = take(*state, "192.0.2.1", NOW);
    assert_true(verdict.is_refused);
    assert_int_equal(verdict.limit, LOGINS);
    assert_int_equal(verdict.remaining, 0);
    assert_int_equal(verdict.reset_s, 3);
}

static void a_user_may_have_six_lives_looked_up_in_a_minute(void **state)
{
    struct uuid user;
    uuid_make(&user);
    const struct limits_key key = limits_user_key(&user);
    for (unsigned i = 0; i < 6; i++)
        assert_false(limits_take(*state, ROUTE_RATE_LIVE, &key, NOW).is_refused);
    struct limits_verdict verdict = limits_take(*state, ROUTE_RATE_LIVE, &key, NOW);
    assert_true(verdict.is_refused);
    assert_int_equal(verdict.reset_s, 10);
    assert_false(limits_take(*state, ROUTE_RATE_OTHER, &key, NOW).is_refused);
}

static void clients_count_apart(void **state)
{
    use_up(*state, "192.0.2.1");
    use_up(*state, "192.0.2.2");
    use_up(*state, "2001:db8::1");
}

static void classes_count_apart(void **state)
{
    struct limits_key key = limits_address_key("192.0.2.1");
    use_up(*state, "192.0.2.1");
    assert_int_equal(limits_take(*state, ROUTE_RATE_LICENSE, &key, NOW).remaining, 29);
    assert_int_equal(limits_take(*state, ROUTE_RATE_SPEECH, &key, NOW).remaining, 59);
    assert_int_equal(limits_take(*state, ROUTE_RATE_OTHER, &key, NOW).remaining, 1199);
}

static void a_network_of_ipv6_is_one_client(void **state)
{
    use_up(*state, "2001:db8:1:2::1");
    assert_true(take(*state, "2001:db8:1:2:ffff::9", NOW).is_refused);
    assert_false(take(*state, "2001:db8:1:3::1", NOW).is_refused);
}

static void users_count_apart_from_addresses_and_each_other(void **state)
{
    const struct uuid masha = {"78418dac-87b8-4de3-95e6-d49d3961fa8e"};
    const struct uuid dasha = {"78418dac-87b8-4de3-95e6-d49d3961fa8f"};
    struct limits_key first = limits_user_key(&masha);
    struct limits_key second = limits_user_key(&dasha);
    use_up(*state, "2001:db8::1");
    for (int i = 0; i < LOGINS; i++)
        assert_false(limits_take(*state, ROUTE_RATE_LOGIN, &first, NOW).is_refused);
    assert_true(limits_take(*state, ROUTE_RATE_LOGIN, &first, NOW).is_refused);
    assert_false(limits_take(*state, ROUTE_RATE_LOGIN, &second, NOW).is_refused);
}

static void the_factor_multiplies(void **state)
{
    (void)state;
    static const struct {
        double factor;
        unsigned logins;
    } cases[] = {{0.5, 10}, {2, 40}, {0.1, 2}, {0.0001, 1}, {1000, 20000}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct limits *limits = limits_new(cases[i].factor, NULL);
        for (unsigned j = 0; j < cases[i].logins; j++)
            assert_false(take(limits, "192.0.2.1", NOW).is_refused);
        assert_true(take(limits, "192.0.2.1", NOW).is_refused);
        limits_free(limits);
    }
}

static void a_factor_of_0_is_no_limit(void **state)
{
    (void)state;
    struct limits *limits = limits_new(0, NULL);
    for (int i = 0; i < 10000; i++) {
        struct limits_verdict verdict = take(limits, "192.0.2.1", NOW);
        assert_false(verdict.is_refused);
        assert_int_equal(verdict.limit, 0);
    }
    limits_free(limits);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_minutes_worth_may_come_at_once_and_no_more),
        TEST(a_user_may_have_six_lives_looked_up_in_a_minute),
        TEST(clients_count_apart),
        TEST(classes_count_apart),
        TEST(a_network_of_ipv6_is_one_client),
        TEST(users_count_apart_from_addresses_and_each_other),
        TEST(the_factor_multiplies),
        TEST(a_factor_of_0_is_no_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
