/* SPDX-License-Identifier: MIT */
#include "services/events/webcast/lookup.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct http_reply reply_of(long status, const char *body)
{
    return (struct http_reply){.status = status, .body = {body, strlen(body)}};
}

static void assert_lookup(struct lookup found, enum webcast_error error, int64_t room_id)
{
    assert_int_equal(found.error, error);
    if (error == WEBCAST_ERROR_NONE)
        assert_int_equal(found.room_id, room_id);
}

static void assert_api(long status, const char *body, enum webcast_error error, int64_t room_id)
{
    const struct http_reply reply = reply_of(status, body);
    assert_lookup(lookup_read_api(&reply), error, room_id);
}

static void the_api_tells_live_and_paused_rooms(void **state)
{
    (void)state;
    assert_api(200,
               "{\"statusCode\":0,\"data\":{\"user\":{\"roomId\":\"6613136945558335594\","
               "\"status\":2},\"liveRoom\":{\"status\":2}}}",
               WEBCAST_ERROR_NONE, INT64_C(6613136945558335594));
    assert_api(200,
               "{\"statusCode\":0,\"data\":{\"user\":{\"roomId\":\"7\"},\"liveRoom\":"
               "{\"status\":3}}}",
               WEBCAST_ERROR_NONE, 7);
}

static void the_api_tells_who_is_offline(void **state)
{
    (void)state;
    assert_api(200, "{\"statusCode\":0,\"data\":{\"user\":{\"roomId\":\"\",\"status\":4}}}",
               WEBCAST_ERROR_USER_OFFLINE, 0);
    assert_api(200, "{\"statusCode\":0,\"data\":{\"user\":{\"roomId\":\"0\"}}}",
               WEBCAST_ERROR_USER_OFFLINE, 0);
    assert_api(200, "{\"statusCode\":0,\"data\":{\"user\":{\"roomId\":\"7\",\"status\":4}}}",
               WEBCAST_ERROR_USER_OFFLINE, 0);
}

static void the_api_tells_who_does_not_exist(void **state)
{
    (void)state;
    assert_api(200, "{\"statusCode\":19881007,\"message\":\"user_not_found\",\"data\":{}}",
               WEBCAST_ERROR_USER_NOT_FOUND, 0);
}

static void a_firewalls_page_is_no_answer_of_the_api(void **state)
{
    (void)state;
    assert_api(200, "<html>Please wait...</html>", WEBCAST_ERROR_BLOCKED, 0);
    assert_api(403, "<html>_wafchallengeid</html>", WEBCAST_ERROR_BLOCKED, 0);
    assert_api(302, "", WEBCAST_ERROR_BLOCKED, 0);
}

static void an_apis_failure_is_not_taken_for_an_offline_user(void **state)
{
    (void)state;
    assert_api(500, "{}", WEBCAST_ERROR_UNREACHABLE, 0);
    assert_api(0, "", WEBCAST_ERROR_UNREACHABLE, 0);
    assert_api(200, "{\"statusCode\":10011,\"message\":\"params_error\",\"data\":{}}",
               WEBCAST_ERROR_UNREACHABLE, 0);
    assert_api(200, "{\"statusCode\":0,\"data\":[]}", WEBCAST_ERROR_UNREACHABLE, 0);
}

#define PAGE(json)                                                                                 \
    "<html><script id=\"SIGI_STATE\" type=\"application/json\">" json "</script></html>"

static void assert_page(long status, const char *body, enum webcast_error error, int64_t room_id)
{
    const struct http_reply reply = reply_of(status, body);
    assert_lookup(lookup_read_page(&reply), error, room_id);
}

static void the_page_tells_the_room(void **state)
{
    (void)state;
    assert_page(200,
                PAGE("{\"LiveRoom\":{\"liveRoomUserInfo\":{\"user\":{\"roomId\":\"42\","
                     "\"status\":2},\"liveRoom\":{\"status\":2}}}}"),
                WEBCAST_ERROR_NONE, 42);
    assert_page(200, PAGE("{\"LiveRoom\":{\"liveRoomUserInfo\":{\"user\":{\"roomId\":\"\"}}}}"),
                WEBCAST_ERROR_USER_OFFLINE, 0);
    assert_page(200, PAGE("{}"), WEBCAST_ERROR_USER_NOT_FOUND, 0);
}

static void a_page_without_its_state_is_a_blockade(void **state)
{
    (void)state;
    assert_page(200, "<html>Please wait...</html>", WEBCAST_ERROR_BLOCKED, 0);
    assert_page(200, "<script id=\"SIGI_STATE\">{\"LiveRoom\":", WEBCAST_ERROR_BLOCKED, 0);
    assert_page(200, PAGE("{broken"), WEBCAST_ERROR_BLOCKED, 0);
    assert_page(503, "", WEBCAST_ERROR_UNREACHABLE, 0);
}

static void the_sign_server_tells_the_room(void **state)
{
    (void)state;
    struct http_reply reply = reply_of(200, "{\"ok\":true,\"is_live\":true,\"room_id\":\"9\"}");
    assert_lookup(lookup_read_signer(&reply, 0), WEBCAST_ERROR_NONE, 9);
    reply = reply_of(200, "{\"ok\":true,\"is_live\":false,\"room_id\":null}");
    assert_lookup(lookup_read_signer(&reply, 0), WEBCAST_ERROR_USER_OFFLINE, 0);
    reply = reply_of(404, "{\"ok\":false,\"message\":\"user not found\"}");
    assert_lookup(lookup_read_signer(&reply, 0), WEBCAST_ERROR_UNREACHABLE, 0);
    reply = reply_of(403, "{\"message\":\"no permission\"}");
    assert_lookup(lookup_read_signer(&reply, 0), WEBCAST_ERROR_SIGN_AUTH, 0);
}

static void the_sign_servers_limit_holds_for_looking_up_too(void **state)
{
    (void)state;
    struct http_reply reply = reply_of(429, "{}");
    reply.headers[0] = (struct http_header){"Retry-After", "7"};
    reply.header_count = 1;
    struct lookup found = lookup_read_signer(&reply, 0);
    assert_int_equal(found.error, WEBCAST_ERROR_SIGN_RATE_LIMITED);
    assert_int_equal(found.wait_ms, 7000);
}

static void the_check_tells_whether_a_room_is_alive(void **state)
{
    (void)state;
    struct http_reply reply = reply_of(200, "{\"data\":[{\"alive\":true,\"room_id\":9}]}");
    assert_int_equal(lookup_read_alive(&reply), WEBCAST_ERROR_NONE);
    reply = reply_of(200, "{\"data\":[{\"alive\":false}]}");
    assert_int_equal(lookup_read_alive(&reply), WEBCAST_ERROR_USER_OFFLINE);
    reply = reply_of(200, "{\"data\":[]}");
    assert_int_equal(lookup_read_alive(&reply), WEBCAST_ERROR_UNREACHABLE);
    reply = reply_of(200, "<html>");
    assert_int_equal(lookup_read_alive(&reply), WEBCAST_ERROR_BLOCKED);
}

static void assert_info(const char *body, enum webcast_error error)
{
    const struct http_reply reply = reply_of(200, body);
    assert_int_equal(lookup_read_info(&reply), error);
}

static void the_rooms_description_tells_what_may_not_be_watched(void **state)
{
    (void)state;
    assert_info("{\"status_code\":0,\"data\":{\"status\":2,\"title\":\"x\"}}", WEBCAST_ERROR_NONE);
    assert_info("{\"status_code\":4003110,\"data\":{\"prompts\":\"\"}}",
                WEBCAST_ERROR_AGE_RESTRICTED);
    assert_info("{\"status_code\":0,\"data\":{\"age_restricted\":{\"restricted\":true}}}",
                WEBCAST_ERROR_AGE_RESTRICTED);
    assert_info("{\"status_code\":0,\"data\":{\"prompts\":\"\"}}", WEBCAST_ERROR_LOGIN_REQUIRED);
    assert_info("{\"status_code\":20003,\"data\":{}}", WEBCAST_ERROR_LOGIN_REQUIRED);
}

static void a_description_that_does_not_come_forbids_nothing(void **state)
{
    (void)state;
    assert_info("<html>", WEBCAST_ERROR_NONE);
    assert_info("{\"status_code\":10011}", WEBCAST_ERROR_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_api_tells_live_and_paused_rooms),
        cmocka_unit_test(the_api_tells_who_is_offline),
        cmocka_unit_test(the_api_tells_who_does_not_exist),
        cmocka_unit_test(a_firewalls_page_is_no_answer_of_the_api),
        cmocka_unit_test(an_apis_failure_is_not_taken_for_an_offline_user),
        cmocka_unit_test(the_page_tells_the_room),
        cmocka_unit_test(a_page_without_its_state_is_a_blockade),
        cmocka_unit_test(the_sign_server_tells_the_room),
        cmocka_unit_test(the_sign_servers_limit_holds_for_looking_up_too),
        cmocka_unit_test(the_check_tells_whether_a_room_is_alive),
        cmocka_unit_test(the_rooms_description_tells_what_may_not_be_watched),
        cmocka_unit_test(a_description_that_does_not_come_forbids_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
