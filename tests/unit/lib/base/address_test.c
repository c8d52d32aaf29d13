/* SPDX-License-Identifier: MIT */
#include "lib/base/address.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void both_families_are_understood(void **state)
{
    (void)state;
    struct address address;
    assert_true(address_parse("127.0.0.1", 8080, &address));
    assert_false(address_is_ipv6(&address));
    const struct sockaddr_in *v4 = (const void *)address_of(&address);
    assert_int_equal(ntohs(v4->sin_port), 8080);
    assert_int_equal(ntohl(v4->sin_addr.s_addr), INADDR_LOOPBACK);

    assert_true(address_parse("::1", 65535, &address));
    assert_true(address_is_ipv6(&address));
    const struct sockaddr_in6 *v6 = (const void *)address_of(&address);
    assert_int_equal(ntohs(v6->sin6_port), 65535);
    assert_int_equal(address.size, sizeof(*v6));
}

static void a_name_is_no_address(void **state)
{
    (void)state;
    static const char *const names[] = {"", "localhost", "127.0.0.1 ", "::g", "1.2.3.4.5"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct address address;
        if (address_parse(names[i], 1, &address))
            fail_msg("'%s' was taken for an address", names[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_families_are_understood),
        cmocka_unit_test(a_name_is_no_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
