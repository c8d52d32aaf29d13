/* SPDX-License-Identifier: MIT */
#include "services/events/webcast/target.h"

#include "lib/base/text.h"
#include "services/events/webcast/browser.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct fixture {
    struct arena *arena;
    Webcast__ProtoMessageFetchResult result;
    Webcast__ProtoMessageFetchResult__RouteParamsEntry param;
    Webcast__ProtoMessageFetchResult__RouteParamsEntry *params[1];
    const char *user_agent;
    struct target target;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    if (!f)
        abort();
    f->arena = arena_new(1024 * 1024);
    webcast__proto_message_fetch_result__init(&f->result);
    webcast__proto_message_fetch_result__route_params_entry__init(&f->param);
    f->param.key = (char *)"wrss";
    f->param.value = (char *)"a+b/c=";
    f->params[0] = &f->param;
    f->result.route_params = f->params;
    f->result.n_route_params = 1;
    f->result.cursor = (char *)"1_2";
    f->result.internal_ext = (ProtobufCBinaryData){7, (uint8_t *)(uintptr_t) "{\"a\":1}"};
    f->user_agent = BROWSER_USER_AGENT;
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    arena_free(f->arena);
    free(f);
    return 0;
}

static bool make(struct fixture *f, const char *push_server)
{
    f->result.push_server = (char *)push_server;
    return target_make(&f->result, 77, f->user_agent, f->arena, &f->target);
}

static void assert_parameter(const struct fixture *f, const char *key, const char *value)
{
    assert_string_equal(text_query_find(f->arena, strchr(f->target.path, '?') + 1, key), value);
}

static void an_address_carries_room_cursor_and_signature(void **state)
{
    struct fixture *f = *state;
    assert_true(make(f, "wss://webcast-ws.tiktok.com/webcast/im/"));
    assert_true(f->target.tls);
    assert_int_equal(f->target.port, 443);
    assert_string_equal(f->target.authority, "webcast-ws.tiktok.com");
    assert_true(text_starts_with(f->target.path, "/webcast/im/?"));
    assert_parameter(f, "room_id", "77");
    assert_parameter(f, "cursor", "1_2");
    assert_parameter(f, "internal_ext", "{\"a\":1}");
    assert_parameter(f, "wrss", "a+b/c=");
    assert_parameter(f, "compress", "gzip");
    assert_parameter(f, "aid", "1988");
    assert_string_equal(strrchr(f->target.path, '&'), "&version_code=270000");
}

static void what_the_address_says_of_the_browser_agrees_with_the_user_agent(void **state)
{
    struct fixture *f = *state;
    assert_true(make(f, "wss://webcast-ws.tiktok.com/"));
    assert_parameter(f, "browser_name", "Mozilla");
    assert_parameter(f, "browser_version", strchr(BROWSER_USER_AGENT, '/') + 1);
    assert_parameter(f, "browser_platform", "Win32");
    f->user_agent = "Opera/9.80 (X11; Linux x86_64) Presto/2.12";
    assert_true(make(f, "wss://webcast-ws.tiktok.com/"));
    assert_parameter(f, "browser_name", "Opera");
    assert_parameter(f, "browser_version", "9.80 (X11; Linux x86_64) Presto/2.12");
    assert_parameter(f, "browser_platform", "Linux x86_64");
    f->user_agent = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Safari/605";
    assert_true(make(f, "wss://webcast-ws.tiktok.com/"));
    assert_parameter(f, "browser_platform", "MacIntel");
    f->user_agent = "odd";
    assert_true(make(f, "wss://webcast-ws.tiktok.com/"));
    assert_parameter(f, "browser_version", "odd");
}

static void a_port_is_kept(void **state)
{
    struct fixture *f = *state;
    assert_true(make(f, "ws://127.0.0.1:8090/socket?a=1"));
    assert_false(f->target.tls);
    assert_int_equal(f->target.port, 8090);
    assert_string_equal(f->target.host, "127.0.0.1");
    assert_string_equal(f->target.authority, "127.0.0.1:8090");
    assert_parameter(f, "a", "1");
    assert_true(make(f, "wss://example.com"));
    assert_true(text_starts_with(f->target.path, "/?"));
}

static void what_is_no_sockets_address_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "https://webcast-ws.tiktok.com/",
        "wss://",
        "wss:///path",
        "wss://host:0/",
        "wss://host:port/",
        "wss://user@host/",
        "wss://host/a b",
        "wss://host/a\r\nX-Evil: 1",
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(make(f, bad[i]));
}

static void an_address_that_is_too_long_is_refused(void **state)
{
    struct fixture *f = *state;
    char *cursor = arena_alloc(f->arena, TARGET_URL_MAX_BYTES + 1);
    memset(cursor, 'x', TARGET_URL_MAX_BYTES);
    f->result.cursor = cursor;
    assert_false(make(f, "wss://webcast-ws.tiktok.com/"));
}

static bool allows(const char *hosts, const char *host, bool tls)
{
    const struct target target = {.tls = tls, .host = host};
    return target_is_allowed(&target, hosts);
}

static void a_wildcard_takes_what_is_below_it_over_tls(void **state)
{
    (void)state;
    assert_true(allows("*.tiktok.com", "webcast-ws.tiktok.com", true));
    assert_true(allows("a.example, *.tiktok.com", "webcast-ws.eu.TikTok.com", true));
    assert_false(allows("*.tiktok.com", "webcast-ws.tiktok.com", false));
    assert_false(allows("*.tiktok.com", "tiktok.com", true));
    assert_false(allows("*.tiktok.com", "eviltiktok.com", true));
    assert_false(allows("*.tiktok.com", "tiktok.com.evil.example", true));
}

static void a_host_by_name_is_taken_with_and_without_tls(void **state)
{
    (void)state;
    assert_true(allows("127.0.0.1", "127.0.0.1", false));
    assert_true(allows("*.tiktok.com,ws-fallback.example", "ws-fallback.example", true));
    assert_false(allows("127.0.0.1", "127.0.0.10", false));
    assert_false(allows("", "127.0.0.1", false));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_address_carries_room_cursor_and_signature),
        TEST(what_the_address_says_of_the_browser_agrees_with_the_user_agent),
        TEST(a_port_is_kept),
        TEST(what_is_no_sockets_address_is_refused),
        TEST(an_address_that_is_too_long_is_refused),
        TEST(a_wildcard_takes_what_is_below_it_over_tls),
        TEST(a_host_by_name_is_taken_with_and_without_tls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
