/* SPDX-License-Identifier: MIT */
#include "services/auth/domain/attempts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define FREE ATTEMPTS_FREE_OF_ACCOUNT

static void the_first_failures_delay_nothing(void **state)
{
    (void)state;
    for (int64_t failures = 0; failures < FREE; failures++) {
        assert_false(attempts_are_delayed(failures, FREE));
        assert_int_equal(attempts_wait_ms(failures, FREE, 0), 0);
    }
}

static void each_further_failure_doubles_the_delay(void **state)
{
    (void)state;
    static const int64_t delays_s[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512};
    for (size_t i = 0; i < ARRAY_LEN(delays_s); i++) {
        assert_true(attempts_are_delayed(FREE + (int64_t)i, FREE));
        assert_int_equal(attempts_wait_ms(FREE + (int64_t)i, FREE, 0), delays_s[i] * 1000);
    }
}

static void no_delay_is_longer_than_15_minutes(void **state)
{
    (void)state;
    assert_int_equal(attempts_wait_ms(FREE + 10, FREE, 0), 15 * 60 * 1000);
    assert_int_equal(attempts_wait_ms(FREE + 64, FREE, 0), 15 * 60 * 1000);
    assert_int_equal(attempts_wait_ms(INT32_MAX, FREE, 0), 15 * 60 * 1000);
}

static void an_address_has_more_failures_free(void **state)
{
    (void)state;
    assert_int_equal(attempts_wait_ms(19, ATTEMPTS_FREE_OF_ADDRESS, 0), 0);
    assert_int_equal(attempts_wait_ms(20, ATTEMPTS_FREE_OF_ADDRESS, 0), 1000);
}

static void what_has_passed_is_not_waited_for_again(void **state)
{
    (void)state;
    assert_int_equal(attempts_wait_ms(FREE + 2, FREE, 1), 3999);
    assert_int_equal(attempts_wait_ms(FREE + 2, FREE, 3999), 1);
    assert_int_equal(attempts_wait_ms(FREE + 2, FREE, 4000), 0);
    assert_int_equal(attempts_wait_ms(FREE + 2, FREE, INT32_MAX), 0);
}

static void a_network_is_an_ipv4_address_or_half_of_an_ipv6_address(void **state)
{
    (void)state;
    static const struct {
        const char *address;
        const char *network;
    } rows[] = {
        {"203.0.113.7", "203.0.113.7"},           {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
        {"2001:DB8:1:2::1", "2001:db8:1:2::/64"}, {"::1", "::/64"},
        {"::ffff:203.0.113.7", "203.0.113.7"},
    };
    AUTO(arena_free) struct arena *arena = arena_new(65536);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_string_equal(attempts_network(arena, rows[i].address), rows[i].network);
}

static void what_is_no_address_has_no_network(void **state)
{
    (void)state;
    static const char *const texts[] = {NULL,   "", "unknown", "203.0.113", "203.0.113.7:80",
                                        "[::1]"};
    AUTO(arena_free) struct arena *arena = arena_new(65536);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        assert_null(attempts_network(arena, texts[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_failures_delay_nothing),
        cmocka_unit_test(each_further_failure_doubles_the_delay),
        cmocka_unit_test(no_delay_is_longer_than_15_minutes),
        cmocka_unit_test(an_address_has_more_failures_free),
        cmocka_unit_test(what_has_passed_is_not_waited_for_again),
        cmocka_unit_test(a_network_is_an_ipv4_address_or_half_of_an_ipv6_address),
        cmocka_unit_test(what_is_no_address_has_no_network),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
