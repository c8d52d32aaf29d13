/* SPDX-License-Identifier: MIT */
#include "services/gateway/access/limits_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define ADDRESS "192.0.2.1"

static void a_user_counts_wherever_the_requests_come_from(void **state)
{
    (void)state;
    const struct token_claims masha = {.user_id = {"0b5a32a6-5b0a-4d6c-8f6f-0a7d5e2c9b11"}};
    struct limits_key expected = limits_user_key(&masha.user_id);
    struct limits_key key = limits_client_key(&masha, ADDRESS);
    assert_memory_equal(&key, &expected, sizeof(key));
    key = limits_client_key(&masha, "198.51.100.7");
    assert_memory_equal(&key, &expected, sizeof(key));
}

static void who_is_not_signed_in_counts_by_the_address(void **state)
{
    (void)state;
    const struct token_claims nobody = {0};
    struct limits_key expected = limits_address_key(ADDRESS);
    struct limits_key key = limits_client_key(&nobody, ADDRESS);
    assert_memory_equal(&key, &expected, sizeof(key));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_user_counts_wherever_the_requests_come_from),
        cmocka_unit_test(who_is_not_signed_in_counts_by_the_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
