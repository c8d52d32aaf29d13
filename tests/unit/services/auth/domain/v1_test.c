/* SPDX-License-Identifier: MIT */
#include "services/auth/domain/v1.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define TOKEN "78418dac-87b8-4de3-95e6-d49d3961fa8e"

static void demo_keys_are_found_without_regard_to_case_and_spaces(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *key;
    } rows[] = {
        {"demo", "demo"},
        {"DEMO", "demo"},
        {" Demo\n", "demo"},
        {"TTBOOST-TEST-2024", "TTBOOST-TEST-2024"},
        {"ttboost-pro-2024", "TTBOOST-PRO-2024"},
    };
    AUTO(arena_free) struct arena *arena = arena_new(65536);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_string_equal(v1_demo_key_find(arena, rows[i].text), rows[i].key);
}

static void other_keys_are_no_demo_keys(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "", " ", "dem", "demos", "de mo", "TTBOOST-TEST-2025", "TTB-AAAA-BBBB-CCCC", "abc"};
    AUTO(arena_free) struct arena *arena = arena_new(65536);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        assert_null(v1_demo_key_find(arena, texts[i]));
}

/* Computed by sha256sum. */
static void a_token_is_stored_as_its_sha_256(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(65536);
    assert_string_equal(v1_token_hash(arena, TOKEN),
                        "5d67b6e8ba5e5559a0848eb3fe97d58c694c3b0ecc7ad2ce72b498a50ff952f0");
    assert_string_equal(v1_token_hash(arena, "78418DAC-87B8-4DE3-95E6-D49D3961FA8E"),
                        v1_token_hash(arena, TOKEN));
}

static void what_is_no_uuid_is_no_token(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "demo",
                                        (TOKEN "0"),
                                        (" " TOKEN),
                                        "78418dac87b84de395e6d49d3961fa8e",
                                        "78418dac-87b8-4de3-95e6-d49d3961fa8"};
    AUTO(arena_free) struct arena *arena = arena_new(65536);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        assert_null(v1_token_hash(arena, texts[i]));
}

static void a_sockets_address_follows_the_servers(void **state)
{
    (void)state;
    static const struct {
        const char *server_host;
        bool is_production;
        const char *url;
    } rows[] = {
        {"https://api.ttboost.pro", true, "wss://api.ttboost.pro/ws/" TOKEN},
        {"https://api.ttboost.pro", false, "wss://api.ttboost.pro/ws/" TOKEN},
        {"HTTPS://api.ttboost.pro/", false, "wss://api.ttboost.pro/ws/" TOKEN},
        {"http://api.ttboost.pro", true, "wss://api.ttboost.pro/ws/" TOKEN},
        {"http://127.0.0.1:8080", false, "ws://127.0.0.1:8080/ws/" TOKEN},
        {"http://127.0.0.1:8080/base?x#y", false, "ws://127.0.0.1:8080/ws/" TOKEN},
        {"http://[::1]:8080", false, "ws://[::1]:8080/ws/" TOKEN},
        {"api.ttboost.pro", false, "ws://api.ttboost.pro/ws/" TOKEN},
        {"api.ttboost.pro", true, "wss://api.ttboost.pro/ws/" TOKEN},
        {"https.example.org", false, "ws://https.example.org/ws/" TOKEN},
    };
    AUTO(arena_free) struct arena *arena = arena_new(65536);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_string_equal(v1_socket_url(arena, rows[i].server_host, rows[i].is_production, TOKEN),
                            rows[i].url);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(demo_keys_are_found_without_regard_to_case_and_spaces),
        cmocka_unit_test(other_keys_are_no_demo_keys),
        cmocka_unit_test(a_token_is_stored_as_its_sha_256),
        cmocka_unit_test(what_is_no_uuid_is_no_token),
        cmocka_unit_test(a_sockets_address_follows_the_servers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
