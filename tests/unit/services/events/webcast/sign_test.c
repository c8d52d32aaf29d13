/* SPDX-License-Identifier: MIT */
#include "services/events/webcast/sign.h"

#include "lib/base/text.h"
#include "services/events/webcast/browser.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define NOW_S 1790000000
#define ROOM_ID 77

struct fixture {
    struct arena *arena;
    Webcast__ProtoMessageFetchResult result;
    Webcast__ProtoMessageFetchResult__RouteParamsEntry param;
    Webcast__ProtoMessageFetchResult__RouteParamsEntry *params[1];
    struct http_reply reply;
    struct sign_answer answer;
};

/* A reply with nothing wrong about it. */
static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    if (!f)
        abort();
    f->arena = arena_new((size_t)64 * 1024 * 1024);
    webcast__proto_message_fetch_result__init(&f->result);
    webcast__proto_message_fetch_result__route_params_entry__init(&f->param);
    f->param.key = (char *)"wrss";
    f->param.value = (char *)"signature";
    f->params[0] = &f->param;
    f->result.route_params = f->params;
    f->result.n_route_params = 1;
    f->result.cursor = (char *)"cursor";
    f->result.push_server = (char *)"wss://webcast-ws.tiktok.com/";
    f->result.fetch_type = 1;
    f->reply = (struct http_reply){
        .status = 200, .headers = {{"x-set-tt-cookie", "ttwid=1"}}, .header_count = 1};
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

static void add_header(struct fixture *f, const char *name, const char *value)
{
    f->reply.headers[f->reply.header_count++] = (struct http_header){name, value};
}

static void assert_body_reads(struct fixture *f, struct slice body, enum webcast_error error)
{
    f->reply.body = body;
    sign_read(&f->reply, BROWSER_USER_AGENT, ROOM_ID, NOW_S, f->arena, &f->answer);
    assert_int_equal(f->answer.error, error);
}

static void assert_reads(struct fixture *f, enum webcast_error error)
{
    size_t size = protobuf_c_message_get_packed_size(&f->result.base);
    char *body = arena_alloc(f->arena, size + 1);
    protobuf_c_message_pack(&f->result.base, (uint8_t *)body);
    assert_body_reads(f, (struct slice){body, size}, error);
}

static struct slice slice_of(const char *text)
{
    return (struct slice){text, strlen(text)};
}

static void assert_limit(struct fixture *f, int64_t wait_ms)
{
    f->reply.status = 429;
    assert_body_reads(f, slice_of("{\"limit_label\":\"rate_limit_account_minute\"}"),
                      WEBCAST_ERROR_SIGN_RATE_LIMITED);
    assert_int_equal(f->answer.wait_ms, wait_ms);
}

static void a_signed_answer_brings_cookie_user_agent_and_result(void **state)
{
    struct fixture *f = *state;
    assert_reads(f, WEBCAST_ERROR_NONE);
    assert_string_equal(f->answer.cookie, "ttwid=1");
    assert_string_equal(f->answer.user_agent, BROWSER_USER_AGENT);
    assert_string_equal(f->answer.result->cursor, "cursor");
    assert_int_equal(f->answer.room_id, ROOM_ID);
    assert_int_equal(f->answer.remaining, -1);
}

static void a_signer_may_choose_the_user_agent(void **state)
{
    struct fixture *f = *state;
    add_header(f, "X-Set-TT-User-Agent", "Mozilla/5.0 (Other)");
    assert_reads(f, WEBCAST_ERROR_NONE);
    assert_string_equal(f->answer.user_agent, "Mozilla/5.0 (Other)");
}

static void a_signer_may_know_the_room_better_and_tells_what_is_left(void **state)
{
    struct fixture *f = *state;
    add_header(f, "X-Room-Id", "78");
    add_header(f, "RateLimit-Remaining", "2499");
    assert_reads(f, WEBCAST_ERROR_NONE);
    assert_int_equal(f->answer.room_id, 78);
    assert_int_equal(f->answer.remaining, 2499);
}

static void an_answer_that_lacks_what_a_connection_needs_is_a_failure(void **state)
{
    struct fixture *f = *state;
    f->result.cursor = (char *)"";
    assert_reads(f, WEBCAST_ERROR_SIGN_FAILED);
    f->result.cursor = (char *)"cursor";
    f->result.push_server = (char *)"";
    assert_reads(f, WEBCAST_ERROR_SIGN_FAILED);
    f->result.push_server = (char *)"wss://webcast-ws.tiktok.com/";
    f->result.n_route_params = 0;
    assert_reads(f, WEBCAST_ERROR_SIGN_FAILED);
    f->result.n_route_params = 1;
    f->result.fetch_type = 2;
    assert_reads(f, WEBCAST_ERROR_SIGN_FAILED);
    f->result.fetch_type = 1;
    f->reply.header_count = 0;
    assert_reads(f, WEBCAST_ERROR_SIGN_FAILED);
}

static void an_empty_a_json_and_a_garbled_answer_are_failures(void **state)
{
    struct fixture *f = *state;
    assert_body_reads(f, slice_of(""), WEBCAST_ERROR_SIGN_FAILED);
    assert_body_reads(f, slice_of("{\"message\":\"out of order\"}"), WEBCAST_ERROR_SIGN_FAILED);
    assert_non_null(strstr(f->answer.message, "out of order"));
    assert_body_reads(f, slice_of("{broken"), WEBCAST_ERROR_SIGN_FAILED);
    assert_body_reads(f, slice_of("\x0a\xff\xff\x01"), WEBCAST_ERROR_SIGN_FAILED);
}

static void an_error_in_a_body_of_status_200_counts_as_that_status(void **state)
{
    struct fixture *f = *state;
    assert_body_reads(f, slice_of("{\"code\":403,\"message\":\"premium\"}"),
                      WEBCAST_ERROR_SIGN_FORBIDDEN);
    assert_non_null(strstr(f->answer.message, "premium"));
    assert_int_equal(f->answer.wait_ms, 0);
    assert_body_reads(f, slice_of("{\"code\":429,\"limit_label\":\"x_minute\"}"),
                      WEBCAST_ERROR_SIGN_RATE_LIMITED);
    assert_int_equal(f->answer.wait_ms, 60000);
    assert_body_reads(f, slice_of("{\"code\":500}"), WEBCAST_ERROR_SIGN_FAILED);
    assert_int_equal(f->answer.wait_ms, 0);
}

static void a_refusal_says_what_the_servers_operator_wants_to_know(void **state)
{
    struct fixture *f = *state;
    f->reply.status = 500;
    add_header(f, "X-Request-Id", "r-1");
    add_header(f, "X-Agent-Id", "a-2");
    add_header(f, "X-Log-Id", "l-3");
    add_header(f, "X-Log-Code", "c-4");
    assert_body_reads(f, slice_of("<html>"), WEBCAST_ERROR_SIGN_FAILED);
    assert_string_equal(f->answer.message,
                        "refused: HTTP 500   request=r-1 agent=a-2 log=l-3 code=c-4");
}

static void every_status_has_its_error(void **state)
{
    static const struct {
        long status;
        enum webcast_error error;
    } cases[] = {
        {401, WEBCAST_ERROR_SIGN_AUTH},      {402, WEBCAST_ERROR_SIGN_FORBIDDEN},
        {403, WEBCAST_ERROR_SIGN_FORBIDDEN}, {404, WEBCAST_ERROR_SIGN_FAILED},
        {500, WEBCAST_ERROR_SIGN_FAILED},    {302, WEBCAST_ERROR_SIGN_FAILED},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        f->reply.status = cases[i].status;
        assert_body_reads(f, (struct slice){"{}", 2}, cases[i].error);
    }
}

static void a_refused_key_is_not_tried_again_soon(void **state)
{
    struct fixture *f = *state;
    f->reply.status = 401;
    assert_body_reads(f, (struct slice){"{}", 2}, WEBCAST_ERROR_SIGN_AUTH);
    assert_true(f->answer.wait_ms >= 60000);
}

static void a_server_that_is_not_there_is_a_failure(void **state)
{
    struct fixture *f = *state;
    f->reply = (struct http_reply){.failure = "Couldn't connect to server", .body = {"", 0}};
    assert_body_reads(f, (struct slice){"", 0}, WEBCAST_ERROR_SIGN_FAILED);
    assert_string_equal(f->answer.message, "Couldn't connect to server");
}

static void a_limits_headers_count_in_their_order(void **state)
{
    struct fixture *f = *state;
    add_header(f, "RateLimit-Reset", "30");
    assert_limit(f, 30000);
    add_header(f, "X-RateLimit-Reset", "1790000020");
    assert_limit(f, 20000);
    add_header(f, "Retry-After", "10");
    assert_limit(f, 10000);
}

static void a_limit_without_headers_waits_a_minute(void **state)
{
    struct fixture *f = *state;
    assert_limit(f, 60000);
    add_header(f, "Retry-After", "soon");
    assert_limit(f, 60000);
}

static void a_limit_of_the_day_without_headers_waits_an_hour(void **state)
{
    struct fixture *f = *state;
    f->reply.status = 429;
    assert_body_reads(f, slice_of("{\"limit_label\":\"rate_limit_account_day\"}"),
                      WEBCAST_ERROR_SIGN_RATE_LIMITED);
    assert_int_equal(f->answer.wait_ms, 3600000);
}

static void a_limits_wait_is_at_least_a_second_and_at_most_an_hour(void **state)
{
    struct fixture *f = *state;
    add_header(f, "X-RateLimit-Reset", "1789999990");
    assert_limit(f, 1000);
    add_header(f, "Retry-After", "0");
    assert_limit(f, 1000);
    f->reply.header_count = 0;
    add_header(f, "Retry-After", "86400");
    assert_limit(f, 3600000);
    f->reply.header_count = 0;
    add_header(f, "Retry-After", "9223372036854775807");
    assert_limit(f, 3600000);
}

static void the_servers_address_may_end_in_a_slash(void **state)
{
    (void)state;
    static const char *const bases[] = {"https://sign.example", "https://sign.example/"};
    for (size_t i = 0; i < ARRAY_LEN(bases); i++) {
        const struct webcast_options options = {.sign_base = bases[i]};
        AUTO_BUFFER(url, 64);
        sign_begin_url(&url, &options);
        assert_string_equal(buffer_text(&url), "https://sign.example");
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_signed_answer_brings_cookie_user_agent_and_result),
        TEST(a_signer_may_choose_the_user_agent),
        TEST(a_signer_may_know_the_room_better_and_tells_what_is_left),
        TEST(an_answer_that_lacks_what_a_connection_needs_is_a_failure),
        TEST(an_empty_a_json_and_a_garbled_answer_are_failures),
        TEST(an_error_in_a_body_of_status_200_counts_as_that_status),
        TEST(a_refusal_says_what_the_servers_operator_wants_to_know),
        TEST(every_status_has_its_error),
        TEST(a_refused_key_is_not_tried_again_soon),
        TEST(a_server_that_is_not_there_is_a_failure),
        cmocka_unit_test(the_servers_address_may_end_in_a_slash),
        TEST(a_limits_headers_count_in_their_order),
        TEST(a_limit_without_headers_waits_a_minute),
        TEST(a_limit_of_the_day_without_headers_waits_an_hour),
        TEST(a_limits_wait_is_at_least_a_second_and_at_most_an_hour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
