/* SPDX-License-Identifier: MIT */
#include "services/gateway/ws/watching.h"

#include "gen/events/messages.h"
#include "lib/base/text.h"
#include "services/gateway/trace.h"
#include "services/gateway/ws/command.h"
#include "services/gateway/ws/notice.h"
#include "services/gateway/ws/room.h"

#define RENEW_MS 10000
#define RETRY_MS 2000 /* after an answer that was none */
#define ASK_TIMEOUT_MS 5000
#define BODY_MAX_BYTES 1024

struct watching {
    struct ws *ws;
    struct room *room; /* NULL when it went while an answer was awaited */
    struct uuid user_id;
    char standard[COMMAND_USERNAME_SIZE]; /* auth's word */
    char username[COMMAND_USERNAME_SIZE]; /* whose live to begin with */
    struct wheel_timer renewal;
    bool has_standard;
    bool has_feed;
    bool is_on;
    bool awaits_answer;
    /* What the next request says. */
    bool is_due;
    bool must_end;
    bool chooses;
    bool wants_state;
    /* What the request on its way said. */
    bool asked_to_end;
    bool asked_to_choose;
};

static void ask_if_due(struct watching *watching);

static void set_on(struct watching *watching, bool is_on)
{
    if (is_on != watching->is_on)
        atomic_fetch_add(&watching->ws->gateway->watched_lives, is_on ? 1U : -1U);
    watching->is_on = is_on;
    if (!is_on)
        wheel_cancel(&watching->renewal);
}

/* ---- asking ---- */

static void on_renewal(struct wheel_timer *timer)
{
    struct watching *watching = lws_container_of(timer, struct watching, renewal);
    watching->is_due = true;
    ask_if_due(watching);
}

static void renew_in(struct watching *watching, int64_t delay_ms)
{
    wheel_set(&watching->ws->wheel, &watching->renewal, delay_ms, on_renewal);
}

/* A refused name is not asked for again until the client says something else. */
static void refuse_name(struct watching *watching)
{
    AUTO_BUFFER(notice, NOTICE_MAX_BYTES);
    set_on(watching, false);
    notice_error(&notice, "invalid username", "user_not_found");
    room_tell(watching->room, buffer_slice(&notice));
}

/* A newer word of the client, which is due already, makes a refusal old. */
static void take_failure(struct watching *watching, int http_status)
{
    if (watching->asked_to_end || !watching->is_on)
        return;
    if (http_status == status_http(STATUS_BAD_REQUEST)) {
        if (!watching->is_due)
            refuse_name(watching);
        return;
    }
    watching->chooses |= watching->asked_to_choose;
    watching->wants_state = true;
    if (!watching->is_due)
        renew_in(watching, RETRY_MS);
}

static void on_answer(struct ws *ws, void *closure, int http_status, natsMsg *reply)
{
    (void)ws;
    (void)reply;
    struct watching *watching = closure;
    watching->awaits_answer = false;
    if (!watching->room) {
        free(watching);
        return;
    }
    if (http_status != status_http(STATUS_OK))
        take_failure(watching, http_status);
    ask_if_due(watching);
}

static void ask(struct watching *watching, const char *subject, struct slice body)
{
    struct trace trace;
    trace_begin(&trace, NULL, NULL);
    const struct bus_header headers[] = {
        {CALL_HEADER_REQUEST_ID, trace.request_id},
        {CALL_HEADER_TRACEPARENT, trace.traceparent},
    };
    const struct upstream_request request = {
        .subject = subject,
        .headers = headers,
        .header_count = ARRAY_LEN(headers),
        .body = body,
        .timeout_ms = ASK_TIMEOUT_MS,
    };
    watching->awaits_answer = true;
    ws_request(watching->ws, &request, on_answer, watching);
}

static void ask_to_end(struct watching *watching)
{
    AUTO_BUFFER(body, BODY_MAX_BYTES);
    const struct unwatch_request in = {.user_id = watching->user_id.text};
    message_encode(&unwatch_request_message, &in, &body);
    watching->must_end = false;
    watching->asked_to_end = true;
    ask(watching, "rpc.events.unwatch", buffer_slice(&body));
}

static void ask_to_watch(struct watching *watching)
{
    AUTO_BUFFER(body, BODY_MAX_BYTES);
    const struct watch_request in = {.user_id = watching->user_id.text,
                                     .username = watching->username,
                                     .wants_state = watching->wants_state,
                                     .choose = watching->chooses};
    message_encode(&watch_request_message, &in, &body);
    watching->asked_to_end = false;
    watching->asked_to_choose = watching->chooses;
    watching->is_due = watching->wants_state = watching->chooses = false;
    renew_in(watching, RENEW_MS);
    ask(watching, "rpc.events.watch", buffer_slice(&body));
}

static void ask_if_due(struct watching *watching)
{
    if (watching->awaits_answer)
        return;
    if (watching->must_end)
        ask_to_end(watching);
    else if (watching->is_on && watching->is_due)
        ask_to_watch(watching);
}

/* ---- what is wanted ---- */

static void copy_name(char name[COMMAND_USERNAME_SIZE], const char *username)
{
    snprintf(name, COMMAND_USERNAME_SIZE, "%s", username);
}

void watching_set_default(struct watching *watching, const char *username)
{
    if (watching->has_standard && text_equal(watching->standard, username))
        return;
    watching->chooses = watching->has_standard;
    watching->has_standard = true;
    copy_name(watching->standard, username);
    copy_name(watching->username, username);
    if (watching->is_on && watching->chooses)
        (void)watching_begin(watching, NULL);
}

void watching_allow_feed(struct watching *watching)
{
    watching->has_feed = true;
}

bool watching_begin(struct watching *watching, const char *username)
{
    if (username) {
        copy_name(watching->username, username);
        watching->chooses = true;
    }
    if (!*watching->username && !watching->has_feed)
        return false;
    set_on(watching, true);
    watching->is_due = watching->wants_state = true;
    watching->must_end = false;
    ask_if_due(watching);
    return true;
}

void watching_stop(struct watching *watching)
{
    set_on(watching, false);
    copy_name(watching->username, watching->standard);
    watching->is_due = watching->chooses = false;
    watching->must_end = true;
    ask_if_due(watching);
}

bool watching_is_on(const struct watching *watching)
{
    return watching->is_on;
}

/* ---- begin and end ---- */

struct watching *watching_new(struct room *room, struct ws *ws, const struct uuid *user_id)
{
    struct watching *watching = calloc(1, sizeof(*watching));
    if (!watching)
        abort();
    watching->room = room;
    watching->ws = ws;
    watching->user_id = *user_id;
    return watching;
}

void watching_end(struct watching *watching)
{
    set_on(watching, false);
    watching->room = NULL;
    if (!watching->awaits_answer)
        free(watching);
}
