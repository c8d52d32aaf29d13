/* SPDX-License-Identifier: MIT */
#include "services/gateway/access/client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct proxies parse(const char *list)
{
    struct proxies proxies;
    AUTO_BUFFER(problems, 4096);
    proxies_parse(list, &proxies, &problems);
    assert_int_equal(problems.size, 0);
    return proxies;
}

static void assert_address(const char *trusted, const char *peer, const char *forwarded,
                           const char *expected)
{
    char address[CLIENT_ADDRESS_SIZE];
    struct proxies proxies = parse(trusted);
    client_address(&proxies, peer, forwarded, address);
    assert_string_equal(address, expected);
}

static void a_peer_that_is_no_proxy_is_the_client(void **state)
{
    (void)state;
    assert_address("127.0.0.1", "203.0.113.9", NULL, "203.0.113.9");
    assert_address("127.0.0.1", "203.0.113.9", "198.51.100.1", "203.0.113.9");
    assert_address("", "127.0.0.1", "198.51.100.1", "127.0.0.1");
}

static void a_proxy_names_the_client(void **state)
{
    (void)state;
    assert_address("127.0.0.1,::1", "127.0.0.1", "198.51.100.1", "198.51.100.1");
    assert_address("127.0.0.1,::1", "::1", "2001:db8::7", "2001:db8::7");
    assert_address("127.0.0.1", "::ffff:127.0.0.1", "198.51.100.1", "198.51.100.1");
    assert_address("127.0.0.1", "127.0.0.1", "::ffff:198.51.100.1", "198.51.100.1");
}

static void what_a_client_made_up_itself_stands_further_left(void **state)
{
    (void)state;
    assert_address("127.0.0.1", "127.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1");
    assert_address("127.0.0.1,10.0.0.0/8", "127.0.0.1", "6.6.6.6,198.51.100.1 , 10.2.3.4",
                   "198.51.100.1");
    assert_address("127.0.0.1,10.0.0.0/8", "127.0.0.1", "10.9.9.9,10.2.3.4", "10.9.9.9");
}

static void an_entry_that_is_no_address_ends_the_walk(void **state)
{
    (void)state;
    assert_address("127.0.0.1", "127.0.0.1", "6.6.6.6, unknown", "127.0.0.1");
    assert_address("127.0.0.1,10.0.0.0/8", "127.0.0.1", "6.6.6.6, <x>, 10.0.0.1", "10.0.0.1");
    assert_address("127.0.0.1", "127.0.0.1", "", "127.0.0.1");
    assert_address("127.0.0.1", "127.0.0.1", " , ,", "127.0.0.1");
    assert_address("127.0.0.1", "127.0.0.1",
                   "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc:dddd", "127.0.0.1");
}

static void networks_hold_their_prefix_only(void **state)
{
    (void)state;
    assert_address("10.0.0.0/15", "10.1.255.255", "1.1.1.1", "1.1.1.1");
    assert_address("192.168.4.0/23", "192.168.5.9", "1.1.1.1", "1.1.1.1");
    assert_address("192.168.4.0/23", "192.168.6.9", "1.1.1.1", "192.168.6.9");
    assert_address("fd00::/8", "fd12::1", "1.1.1.1", "1.1.1.1");
    assert_address("fd00::/8", "fe00::1", "1.1.1.1", "fe00::1");
    assert_address("0.0.0.0/0", "9.9.9.9", "1.1.1.1", "1.1.1.1");
    assert_address("0.0.0.0/0", "2001:db8::1", "1.1.1.1", "2001:db8::1");
}

static void proxies_that_are_no_networks_are_problems(void **state)
{
    (void)state;
    const char *const bad[] = {"localhost", "1.2.3",     "1.2.3.4/33", "::1/129",
                               "1.2.3.4/",  "1.2.3.4/x", "/8",         "1.2.3.4/-1"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct proxies proxies;
        AUTO_BUFFER(problems, 4096);
        proxies_parse(bad[i], &proxies, &problems);
        assert_non_null(strstr(buffer_text(&problems), bad[i]));
        assert_int_equal(proxies.count, 0);
    }
}

static void too_many_proxies_are_a_problem(void **state)
{
    (void)state;
    struct proxies proxies;
    AUTO_BUFFER(list, 4096);
    AUTO_BUFFER(problems, 4096);
    for (int i = 0; i <= CLIENT_PROXIES_MAX; i++)
        buffer_printf(&list, "10.0.0.%d,", i);
    proxies_parse(buffer_text(&list), &proxies, &problems);
    assert_int_equal(proxies.count, CLIENT_PROXIES_MAX);
    assert_true(problems.size > 0);
}

static void platform_words_are_understood(void **state)
{
    (void)state;
    const char *const desktop[] = {"desktop", "pc", "windows", "mac",
                                   "linux",   "d",  "Desktop", "PC"};
    for (size_t i = 0; i < ARRAY_LEN(desktop); i++)
        assert_string_equal(client_platform(desktop[i], NULL), "desktop");
    assert_string_equal(client_platform("mobile", NULL), "mobile");
    assert_string_equal(client_platform("m", NULL), "mobile");
    assert_string_equal(client_platform("toaster", NULL), "mobile");
    assert_string_equal(client_platform(NULL, NULL), "mobile");
}

static void the_query_wins_over_the_header(void **state)
{
    (void)state;
    assert_string_equal(client_platform("m", "desktop"), "mobile");
    assert_string_equal(client_platform("pc", "mobile"), "desktop");
    assert_string_equal(client_platform(NULL, "desktop"), "desktop");
    assert_string_equal(client_platform("", "desktop"), "desktop");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_peer_that_is_no_proxy_is_the_client),
        cmocka_unit_test(a_proxy_names_the_client),
        cmocka_unit_test(what_a_client_made_up_itself_stands_further_left),
        cmocka_unit_test(an_entry_that_is_no_address_ends_the_walk),
        cmocka_unit_test(networks_hold_their_prefix_only),
        cmocka_unit_test(proxies_that_are_no_networks_are_problems),
        cmocka_unit_test(too_many_proxies_are_a_problem),
        cmocka_unit_test(platform_words_are_understood),
        cmocka_unit_test(the_query_wins_over_the_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
