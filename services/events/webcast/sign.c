/* SPDX-License-Identifier: MIT */
#include "services/events/webcast/sign.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "services/events/webcast/browser.h"
#include "services/events/webcast/frames.h"

#include <inttypes.h>
#include <jansson.h>

#define WAIT_MIN_S 1
#define WAIT_MAX_S 3600
#define WAIT_UNTOLD_S 60 /* limited, but nobody says for how long */
#define AUTH_WAIT_S 300  /* a bad key is a matter of configuration: asking soon again is useless */
#define UNIX_TIME_FROM 1000000000
#define FETCH_TYPE_POLLING 2

AUTO_DEFINE(json_t *, json_decref)

/* The header's number of seconds from now, where it is one; some servers give a moment instead. */
static bool header_wait(const struct http_reply *reply, const char *name, int64_t now_s,
                        int64_t *ret_wait_s)
{
    int64_t value;
    if (!text_parse_int(http_header(reply, name), 0, INT64_MAX, &value))
        return false;
    *ret_wait_s = value >= UNIX_TIME_FROM ? value - now_s : value;
    return true;
}

/* The limit of a day or an hour isn't over in a minute. */
static int64_t untold_wait_s(const struct http_reply *reply)
{
    bool is_long = strstr(reply->body.data, "_day") || strstr(reply->body.data, "_hour");
    return is_long ? WAIT_MAX_S : WAIT_UNTOLD_S;
}

int64_t sign_limit_wait_ms(const struct http_reply *reply, int64_t now_s)
{
    int64_t wait_s = 0;
    bool told = header_wait(reply, "Retry-After", now_s, &wait_s) ||
                header_wait(reply, "X-RateLimit-Reset", now_s, &wait_s) ||
                header_wait(reply, "RateLimit-Reset", now_s, &wait_s);
    if (!told)
        wait_s = untold_wait_s(reply);
    if (wait_s < WAIT_MIN_S)
        wait_s = WAIT_MIN_S;
    return 1000 * (wait_s < WAIT_MAX_S ? wait_s : WAIT_MAX_S);
}

/* The body as JSON, which it is only when something went wrong; else NULL. */
static json_t *read_complaint(const struct http_reply *reply)
{
    const char *text = reply->body.data;
    return text[0] == '{' ? json_loadb(text, reply->body.size, 0, NULL) : NULL;
}

/* One line for the log: what went wrong, and what the server's operator would want to know. */
static const char *describe(const struct http_reply *reply, const json_t *complaint,
                            const char *what, struct arena *arena)
{
    const char *message = json_string_value(json_object_get(complaint, "message"));
    const char *label = json_string_value(json_object_get(complaint, "limit_label"));
    return arena_printf(arena,
                        "%s: HTTP %ld %.200s %.100s request=%.64s agent=%.64s log=%.64s code=%.64s",
                        what, reply->status, message ? message : "", label ? label : "",
                        http_header(reply, "X-Request-Id"), http_header(reply, "X-Agent-Id"),
                        http_header(reply, "X-Log-Id"), http_header(reply, "X-Log-Code"));
}

/* The status, or the one that the body tells where HTTP's is 200. */
static int64_t true_status(const struct http_reply *reply, const json_t *complaint)
{
    int64_t code = json_integer_value(json_object_get(complaint, "code"));
    return reply->status == 200 && code >= 400 ? code : reply->status;
}

/* The error that the status alone tells; NONE for 200. */
static enum webcast_error status_error(int64_t status)
{
    switch (status) {
    case 200:
        return WEBCAST_ERROR_NONE;
    case 429:
        return WEBCAST_ERROR_SIGN_RATE_LIMITED;
    case 401:
        return WEBCAST_ERROR_SIGN_AUTH;
    case 402:
    case 403:
        return WEBCAST_ERROR_SIGN_FORBIDDEN;
    default:
        return WEBCAST_ERROR_SIGN_FAILED;
    }
}

/* What is wrong with a body that should hold a signed result; NULL when nothing is. */
static const char *result_problem(const struct http_reply *reply,
                                  const Webcast__ProtoMessageFetchResult *result)
{
    if (reply->body.size == 0)
        return "empty answer";
    if (!result)
        return "the answer is no result";
    if (result->fetch_type == FETCH_TYPE_POLLING)
        return "only polling is offered";
    if (!result->cursor[0] || !result->push_server[0] || result->n_route_params == 0)
        return "cursor, push server or route parameters are missing";
    if (!http_header(reply, "X-Set-TT-Cookie")[0])
        return "no cookie";
    return NULL;
}

static int64_t header_number(const struct http_reply *reply, const char *name, int64_t absent)
{
    int64_t value;
    return text_parse_int(http_header(reply, name), 0, INT64_MAX, &value) ? value : absent;
}

/* Of a reply that is no refusal. */
static void read_result(const struct http_reply *reply, const json_t *complaint,
                        struct arena *arena, struct sign_answer *answer)
{
    answer->body = reply->body;
    answer->result = frame_decode_result(reply->body, arena);
    const char *problem = result_problem(reply, answer->result);
    if (!problem)
        return;
    answer->error = WEBCAST_ERROR_SIGN_FAILED;
    answer->message = describe(reply, complaint, problem, arena);
}

void sign_read(const struct http_reply *reply, const char *user_agent, int64_t room_id,
               int64_t now_s, struct arena *arena, struct sign_answer *ret_answer)
{
    if (reply->status == 0) {
        *ret_answer = (struct sign_answer){
            .error = WEBCAST_ERROR_SIGN_FAILED, .message = reply->failure, .remaining = -1};
        return;
    }

    AUTO(json_decref) json_t *complaint = read_complaint(reply);
    const char *chosen_agent = http_header(reply, "X-Set-TT-User-Agent");
    struct sign_answer answer = {
        .error = status_error(true_status(reply, complaint)),
        .message = "",
        .remaining = header_number(reply, "RateLimit-Remaining", -1),
        .cookie = http_header(reply, "X-Set-TT-Cookie"),
        .user_agent = chosen_agent[0] ? chosen_agent : user_agent,
        .room_id = header_number(reply, "X-Room-Id", room_id),
    };
    if (answer.error == WEBCAST_ERROR_SIGN_RATE_LIMITED)
        answer.wait_ms = sign_limit_wait_ms(reply, now_s);
    /* In a body of status 200 it is a word about this request, not about our key. */
    bool is_refused =
        answer.error == WEBCAST_ERROR_SIGN_AUTH || answer.error == WEBCAST_ERROR_SIGN_FORBIDDEN;
    if (is_refused && reply->status != 200)
        answer.wait_ms = AUTH_WAIT_S * 1000;
    if (answer.error == WEBCAST_ERROR_NONE)
        read_result(reply, complaint, arena, &answer);
    else
        answer.message = describe(reply, complaint, "refused", arena);
    *ret_answer = answer;
}

void sign_begin_url(struct buffer *url, const struct webcast_options *options)
{
    buffer_add(url, options->sign_base, text_length_less(options->sign_base, '/'));
}

void sign_request(struct http_client *client, const struct webcast_options *options,
                  int64_t room_id, struct arena *arena, struct sign_answer *ret_answer)
{
    char id[24];
    snprintf(id, sizeof(id), "%" PRId64, room_id);
    AUTO_BUFFER(url, BROWSER_QUERY_MAX);
    sign_begin_url(&url, options);
    if (options->sign_variant == WEBCAST_SIGN_CONNECT) {
        buffer_printf(&url, "/webcast/rooms/%s/connect", id);
    } else {
        buffer_add_text(&url, "/webcast/fetch");
        browser_add(&url, "room_id", id);
    }
    browser_add(&url, "client", "ttlive-other");
    browser_add(&url, "user_agent", http_client_user_agent(client));
    browser_add(&url, "platform", "web");
    browser_add(&url, "client_enter", "true");

    const char *key = arena_printf(arena, "x-api-key: %s", options->sign_api_key);
    const char *const headers[] = {options->sign_api_key[0] ? key : NULL, NULL};
    struct http_reply reply;
    http_get(client, buffer_text(&url), headers, SIGN_BODY_MAX_BYTES, arena, &reply);
    sign_read(&reply, http_client_user_agent(client), room_id, clock_wall_ms() / 1000, arena,
              ret_answer);
}
