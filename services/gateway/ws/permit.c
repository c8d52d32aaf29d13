/* SPDX-License-Identifier: MIT */
#include "services/gateway/ws/permit.h"

#include "gen/auth/messages.h"
#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "services/gateway/ws/notice.h"
#include "services/gateway/ws/obey.h"
#include "services/gateway/ws/room.h"

#define ASK_TIMEOUT_MS 5000
#define ASK_ATTEMPTS 3
#define ASK_RETRY_MS 500
#define ASK_RETRY_SPREAD_MS 2000 /* a crowd that was refused comes back thinner */
#define ASK_AGAIN_MS 45000
#define ASK_AGAIN_SPREAD_MS 30000
#define BODY_MAX_BYTES 128

/* Auth's answer, for either kind of socket. */
struct answer {
    const char *username; /* "" for none */
    bool has_feed;        /* then the test feed is watched */
    bool allows_platform;
    int64_t expires_in_ms; /* of the token; sessions end otherwise (permit_look_through) */
};

/* ---- reading the answer ---- */

static bool allows_platform(const struct open_socket_reply *reply, const char *platform)
{
    const char *const *allowed = reply->allowed_platforms.items;
    for (size_t i = 0; i < reply->allowed_platforms.count; i++) {
        if (text_equal(allowed[i], platform))
            return true;
    }
    return false;
}

static enum status read_answer(struct socket *socket, struct slice json, struct answer *ret_answer)
{
    struct open_socket_reply reply = {0};
    enum status status =
        message_decode(&open_socket_reply_message, json, socket->ws->arena, &reply);
    if (status == STATUS_OK)
        *ret_answer = (struct answer){
            .username = reply.tiktok_username,
            .allows_platform = allows_platform(&reply, socket->origin.platform),
            .expires_in_ms = INT64_MAX,
        };
    return status;
}

/* Plans do not forbid the old clients their platform: they had none to name. */
static enum status read_v1_answer(struct socket *socket, struct slice json,
                                  struct answer *ret_answer)
{
    struct open_v1_socket_reply reply = {0};
    enum status status =
        message_decode(&open_v1_socket_reply_message, json, socket->ws->arena, &reply);
    bool has_name = status == STATUS_OK && reply.tiktok_username && !reply.is_demo;
    if (status == STATUS_OK)
        *ret_answer = (struct answer){
            .username = has_name ? reply.tiktok_username : "",
            .has_feed = !has_name,
            .allows_platform = true,
            .expires_in_ms = reply.expires_in_ms,
        };
    return status;
}

/* ---- what comes of it ---- */

static void on_permit_due(struct wheel_timer *timer)
{
    permit_ask(lws_container_of(timer, struct socket, permit));
}

static void ask_in(struct socket *socket, int64_t delay_ms)
{
    wheel_set(&socket->ws->wheel, &socket->permit, delay_ms, on_permit_due);
}

static int64_t random_below(int64_t limit)
{
    uint64_t random;
    random_bytes(&random, sizeof(random));
    return (int64_t)(random % (uint64_t)limit);
}

/* Not all at once, although they may have opened so; but when a token has just expired. */
static void ask_later(struct socket *socket, int64_t expires_in_ms)
{
    int64_t delay_ms = ASK_AGAIN_MS + random_below(ASK_AGAIN_SPREAD_MS);
    ask_in(socket, expires_in_ms < delay_ms ? expires_in_ms : delay_ms);
}

static void enter_room(struct socket *socket, const struct answer *answer)
{
    room_join(socket);
    room_set_default(socket->room, answer->username, answer->has_feed);
    room_greet(socket->room);
    if (socket->origin.since >= 0)
        socket->replay = replay_begin(socket, socket->origin.since);
    obey_early(socket);
}

/* A socket that is in its room already goes on watching what it watches, unless the user has set
 * another name. */
static void admit(struct socket *socket, const struct answer *answer)
{
    if (!answer->allows_platform) {
        AUTO_BUFFER(notice, NOTICE_MAX_BYTES);
        notice_disconnected(&notice, "tariff does not allow this platform");
        socket_send_text(socket, buffer_slice(&notice));
        socket_close(socket, SOCKET_CLOSE_NOT_ALLOWED);
        return;
    }
    ask_later(socket, answer->expires_in_ms);
    if (socket->room)
        room_set_default(socket->room, answer->username, answer->has_feed);
    else
        enter_room(socket, answer);
}

static void retry_or_close(struct socket *socket)
{
    if (socket->room)
        ask_later(socket, INT64_MAX);
    else if (socket->attempts < ASK_ATTEMPTS)
        ask_in(socket, ASK_RETRY_MS + random_below(ASK_RETRY_SPREAD_MS));
    else
        socket_close(socket, SOCKET_CLOSE_TRY_LATER);
}

static enum status decode(struct socket *socket, natsMsg *message, struct answer *ret_answer)
{
    struct slice json = {natsMsg_GetData(message), (size_t)natsMsg_GetDataLength(message)};
    return socket_is_v1(socket) ? read_v1_answer(socket, json, ret_answer)
                                : read_answer(socket, json, ret_answer);
}

/* The session may have ended between the handshake and the socket's place among those that are
 * looked through when one does. */
static bool has_ended(const struct socket *socket)
{
    return !socket_is_v1(socket) && ended_contains(socket->ws->gateway->ended,
                                                   &socket->origin.claims, clock_wall_ms() / 1000);
}

static void take_answer(struct socket *socket, int http_status, natsMsg *message)
{
    struct ws *ws = socket->ws;
    struct answer answer;
    if (has_ended(socket) || http_status == status_http(STATUS_UNAUTHENTICATED))
        socket_close(socket, SOCKET_CLOSE_SESSION_ENDED);
    else if (http_status == status_http(STATUS_FORBIDDEN))
        socket_close(socket, SOCKET_CLOSE_NOT_ALLOWED);
    else if (http_status == status_http(STATUS_OK) && message &&
             decode(socket, message, &answer) == STATUS_OK)
        admit(socket, &answer);
    else
        retry_or_close(socket);
    arena_reset(ws->arena);
}

static void on_auth(struct ws *ws, void *closure, int http_status, natsMsg *message)
{
    (void)ws;
    struct socket *socket = closure;
    socket->awaits_auth = false;
    if (!socket->wsi) {
        socket_free(socket);
        return;
    }
    if (socket->close_code)
        return;
    take_answer(socket, http_status, message);
    if (socket->asks_again)
        permit_ask(socket);
}

/* ---- asking ---- */

static void ask(struct socket *socket)
{
    const struct socket_origin *origin = &socket->origin;
    const char *session_id = origin->claims.session_id.text;
    const struct bus_header headers[] = {
        {CALL_HEADER_REQUEST_ID, origin->trace.request_id},
        {CALL_HEADER_TRACEPARENT, origin->trace.traceparent},
        {CALL_HEADER_USER, origin->claims.user_id.text},
        {CALL_HEADER_SESSION, *session_id ? session_id : NULL},
        {CALL_HEADER_ADDRESS, origin->address},
        {CALL_HEADER_PLATFORM, origin->platform},
    };
    const struct upstream_request request = {
        .subject = "rpc.auth.open_socket",
        .headers = headers,
        .header_count = ARRAY_LEN(headers),
        .timeout_ms = ASK_TIMEOUT_MS,
    };
    ws_request(socket->ws, &request, on_auth, socket);
}

void permit_ask_v1(struct socket *socket, ws_reply_fn done)
{
    const struct socket_origin *origin = &socket->origin;
    const struct open_v1_socket_request in = {.ws_token = origin->v1_token.text};
    AUTO_BUFFER(body, BODY_MAX_BYTES);
    message_encode(&open_v1_socket_request_message, &in, &body);
    const struct bus_header headers[] = {
        {CALL_HEADER_REQUEST_ID, origin->trace.request_id},
        {CALL_HEADER_TRACEPARENT, origin->trace.traceparent},
        {CALL_HEADER_ADDRESS, origin->address},
    };
    const struct upstream_request request = {
        .subject = "rpc.auth.open_v1_socket",
        .headers = headers,
        .header_count = ARRAY_LEN(headers),
        .body = buffer_slice(&body),
        .timeout_ms = ASK_TIMEOUT_MS,
    };
    socket->awaits_auth = true;
    ws_request(socket->ws, &request, done, socket);
}

void permit_ask(struct socket *socket)
{
    if (socket->close_code)
        return;
    socket->asks_again = socket->awaits_auth;
    if (socket->awaits_auth)
        return;
    socket->attempts++;
    socket->awaits_auth = true;
    if (socket_is_v1(socket))
        permit_ask_v1(socket, on_auth);
    else
        ask(socket);
}

/* ---- auth's word ---- */

/* Those of a deleted user and of settings, among which is whose live the user watches, have the
 * same form. Sockets of the old API have no session that would end with the user. */
static void run_changed(struct inbox_item *item)
{
    struct ws *ws = item->closure;
    struct entitlement_changed event = {0};
    struct slice json = {natsMsg_GetData(item->message),
                         (size_t)natsMsg_GetDataLength(item->message)};
    if (message_decode(&entitlement_changed_message, json, ws->arena, &event) == STATUS_OK)
        room_ask_permits(ws, event.user_id);
    arena_reset(ws->arena);
}

/* In NATS' thread. */
static void on_changed(natsConnection *connection, natsSubscription *subscription, natsMsg *message,
                       void *closure)
{
    (void)connection;
    (void)subscription;
    struct ws *ws = closure;
    const struct inbox_item item = {
        .run = run_changed, .closure = ws, .message = message, .is_event = true};
    inbox_put(&ws->inbox, &item);
}

enum status permit_listen(struct ws *ws)
{
    ws->news = subscriptions_new(ws->gateway->bus);
    enum status status =
        subscriptions_add(ws->news, EVT_AUTH_ENTITLEMENT_CHANGED, NULL, on_changed, ws);
    if (status == STATUS_OK)
        status = subscriptions_add(ws->news, EVT_AUTH_USER_DELETED, NULL, on_changed, ws);
    if (status == STATUS_OK)
        status = subscriptions_add(ws->news, EVT_AUTH_SETTINGS_CHANGED, NULL, on_changed, ws);
    return status;
}

/* ---- ended sessions ---- */

void permit_look_through(struct ws *ws)
{
    for (struct socket *socket = ws->sockets; socket; socket = socket->next) {
        if (has_ended(socket))
            socket_close(socket, SOCKET_CLOSE_SESSION_ENDED);
    }
}
