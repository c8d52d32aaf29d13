/* SPDX-License-Identifier: MIT */
#include "services/gateway/ws/watching.h"

#include "gen/events/messages.h"
#include "lib/base/text.h"
#include "services/gateway/trace.h"
#include "services/gateway/ws/notice.h"
#include "services/gateway/ws/room.h"

#define RENEW_MS 10000
#define RETRY_MS 2000 /* after an answer that was none */
#define ASK_TIMEOUT_MS 5000
#define BODY_MAX_BYTES 8192 /* a name of 1024 bytes, each of which JSON may write as six */

struct watching {
    struct ws *ws;
    struct room *room; /* NULL when it went while an answer was awaited */
    struct uuid user_id;
    char *standard; /* auth's word; "" for none */
    char *username; /* whose live is watched, or is to be begun with */
    char *choice;   /* what the client said last, accepted or not; NULL: nothing yet */
    struct wheel_timer renewal;
    bool has_feed;
    bool is_on;
    bool was_on; /* before the choice that is not answered yet */
    bool awaits_answer;
    bool answer_is_old; /* the client has ended the watch since the question */
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

static void set_text(char **slot, const char *text)
{
    char *copy = strdup(text);
    if (!copy)
        abort();
    free(*slot);
    *slot = copy;
}

static void watching_free(struct watching *watching)
{
    free(watching->standard);
    free(watching->username);
    free(watching->choice);
    free(watching);
}

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

/* A choice that is refused changes nothing: what was watched is renewed at once, lest it runs out
 * while the client tries one name after the other. The user's own name is not asked for again until
 * the client says something. */
static void take_refusal(struct watching *watching)
{
    AUTO_BUFFER(notice, NOTICE_MAX_BYTES);
    if (watching->chooses)
        return; /* a newer choice makes it old */
    set_on(watching, watching->asked_to_choose && watching->was_on);
    watching->is_due = watching->is_on;
    notice_error(&notice, "invalid username", "user_not_found");
    room_tell(watching->room, buffer_slice(&notice));
}

static void take_failure(struct watching *watching)
{
    watching->chooses |= watching->asked_to_choose;
    watching->wants_state = true;
    if (!watching->is_due)
        renew_in(watching, RETRY_MS);
}

/* The live may be another than the one that was asked for, as when the client has chosen it over
 * HTTP. */
static void take_name(struct watching *watching, natsMsg *message)
{
    struct arena *arena = watching->ws->arena;
    struct watch_reply reply = {0};
    struct slice json = {natsMsg_GetData(message), (size_t)natsMsg_GetDataLength(message)};
    if (message_decode(&watch_reply_message, json, arena, &reply) == STATUS_OK)
        set_text(&watching->username, reply.username);
    arena_reset(arena);
}

static void take_answer(struct watching *watching, int http_status, natsMsg *reply)
{
    if (watching->asked_to_end || watching->answer_is_old || !watching->is_on)
        return;
    if (http_status == status_http(STATUS_OK) && reply)
        take_name(watching, reply);
    else if (http_status == status_http(STATUS_BAD_REQUEST))
        take_refusal(watching);
    else
        take_failure(watching);
}

static void on_answer(struct ws *ws, void *closure, int http_status, natsMsg *reply)
{
    (void)ws;
    struct watching *watching = closure;
    watching->awaits_answer = false;
    if (!watching->room) {
        watching_free(watching);
        return;
    }
    take_answer(watching, http_status, reply);
    watching->asked_to_choose = watching->answer_is_old = false;
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
                                     .username =
                                         watching->chooses ? watching->choice : watching->username,
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

void watching_set_default(struct watching *watching, const char *username)
{
    if (text_equal(watching->standard, username))
        return;
    set_text(&watching->standard, username);
    if (!watching->is_on)
        set_text(&watching->username, username);
    else if (*username || watching->has_feed)
        (void)watching_begin(watching, username);
}

void watching_allow_feed(struct watching *watching)
{
    watching->has_feed = true;
}

bool watching_wants_feed(const struct watching *watching)
{
    return watching->has_feed && !*watching->standard;
}

static void choose(struct watching *watching, const char *username)
{
    if (!watching->chooses && !watching->asked_to_choose)
        watching->was_on = watching->is_on;
    set_text(&watching->choice, username);
    watching->chooses = true;
}

/* What must end still ends first: a choice that is refused then has changed nothing. */
bool watching_begin(struct watching *watching, const char *username)
{
    if (username)
        choose(watching, username);
    else if (!*watching->username && !watching->has_feed)
        return false;
    set_on(watching, true);
    watching->is_due = watching->wants_state = true;
    ask_if_due(watching);
    return true;
}

/* Who had heard nothing may have missed how it stands. */
void watching_follow(struct watching *watching, const char *username)
{
    set_text(&watching->username, username);
    watching->must_end = false;
    if (!watching->is_on)
        (void)watching_begin(watching, NULL);
}

void watching_stop(struct watching *watching)
{
    set_on(watching, false);
    set_text(&watching->username, watching->standard);
    watching->is_due = watching->chooses = watching->asked_to_choose = false;
    watching->answer_is_old = watching->awaits_answer;
    watching->must_end = true;
    ask_if_due(watching);
}

bool watching_is_other(const struct watching *watching, const char *username)
{
    return !text_equal(username, watching->username) && !text_equal(username, watching->choice);
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
    set_text(&watching->standard, "");
    set_text(&watching->username, "");
    return watching;
}

void watching_end(struct watching *watching)
{
    set_on(watching, false);
    watching->room = NULL;
    if (!watching->awaits_answer)
        watching_free(watching);
}
