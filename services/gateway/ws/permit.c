/* SPDX-License-Identifier: MIT */
#include "services/gateway/ws/permit.h"

#include "gen/auth/messages.h"
#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "services/gateway/ws/notice.h"
#include "services/gateway/ws/room.h"

#define ASK_TIMEOUT_MS 5000
#define ASK_ATTEMPTS 3
#define ASK_RETRY_US (LWS_US_PER_SEC)
#define ASK_AGAIN_US (45 * LWS_US_PER_SEC)
#define ASK_AGAIN_SPREAD_US (30 * LWS_US_PER_SEC)

/* ---- asking ---- */

static bool allows_platform(const struct open_socket_reply *reply, const char *platform)
{
    const char *const *allowed = reply->allowed_platforms.items;
    for (size_t i = 0; i < reply->allowed_platforms.count; i++) {
        if (text_equal(allowed[i], platform))
            return true;
    }
    return false;
}

/* Not all at once, although they may have opened so. */
static void ask_later(struct socket *socket)
{
    uint64_t random;
    random_bytes(&random, sizeof(random));
    lws_set_timer_usecs(socket->wsi, ASK_AGAIN_US + (lws_usec_t)(random % ASK_AGAIN_SPREAD_US));
}

static void enter_room(struct socket *socket, const char *username)
{
    room_join(socket, username);
    if (socket->origin.since >= 0)
        socket->replay = replay_begin(socket, socket->origin.since);
    socket_joined(socket);
}

/* A socket that is in its room already goes on watching what it watches. */
static void admit(struct socket *socket, const struct open_socket_reply *reply)
{
    if (!allows_platform(reply, socket->origin.platform)) {
        AUTO_BUFFER(notice, NOTICE_MAX_BYTES);
        notice_disconnected(&notice, "tariff does not allow this platform");
        socket_send_text(socket, buffer_slice(&notice));
        socket_close(socket, SOCKET_CLOSE_NOT_ALLOWED);
        return;
    }
    ask_later(socket);
    if (!socket->room)
        enter_room(socket, reply->tiktok_username);
}

static void retry_or_close(struct socket *socket)
{
    if (socket->room)
        ask_later(socket);
    else if (socket->attempts < ASK_ATTEMPTS)
        lws_set_timer_usecs(socket->wsi, ASK_RETRY_US);
    else
        socket_close(socket, SOCKET_CLOSE_TRY_LATER);
}

static enum status decode(struct ws *ws, natsMsg *message, struct open_socket_reply *ret_reply)
{
    struct slice json = {natsMsg_GetData(message), (size_t)natsMsg_GetDataLength(message)};
    return message_decode(&open_socket_reply_message, json, ws->arena, ret_reply);
}

/* The session may have ended between the handshake and the socket's place among those that are
 * looked through when one does. */
static bool has_ended(const struct socket *socket)
{
    return ended_contains(socket->ws->gateway->ended, &socket->origin.claims,
                          clock_wall_ms() / 1000);
}

static void take_answer(struct socket *socket, int http_status, natsMsg *message)
{
    struct ws *ws = socket->ws;
    struct open_socket_reply reply = {0};
    if (has_ended(socket) || http_status == status_http(STATUS_UNAUTHENTICATED))
        socket_close(socket, SOCKET_CLOSE_SESSION_ENDED);
    else if (http_status == status_http(STATUS_FORBIDDEN))
        socket_close(socket, SOCKET_CLOSE_NOT_ALLOWED);
    else if (http_status == status_http(STATUS_OK) && message &&
             decode(ws, message, &reply) == STATUS_OK)
        admit(socket, &reply);
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

void permit_ask(struct socket *socket)
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
    if (socket->close_code)
        return;
    socket->asks_again = socket->awaits_auth;
    if (socket->awaits_auth)
        return;
    socket->attempts++;
    socket->awaits_auth = true;
    ws_request(socket->ws, &request, on_auth, socket);
}

/* ---- auth's word ---- */

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
    return subscriptions_add(ws->news, EVT_AUTH_ENTITLEMENT_CHANGED, NULL, on_changed, ws);
}

/* ---- ended sessions ---- */

void permit_look_through(struct ws *ws)
{
    for (struct socket *socket = ws->sockets; socket; socket = socket->next) {
        if (has_ended(socket))
            socket_close(socket, SOCKET_CLOSE_SESSION_ENDED);
    }
}
