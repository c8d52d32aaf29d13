/* SPDX-License-Identifier: MIT */
#include "services/gateway/ws/room.h"

#include "gen/events/messages.h"
#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "services/gateway/ws/notice.h"
#include "services/gateway/ws/permit.h"
#include "services/gateway/ws/stored.h"

#define SUBJECT_PREFIX "live."
#define WATCH_EVERY_MS 10000
#define WATCH_RETRY_MS 2000 /* after an answer that was none */
#define WATCH_TIMEOUT_MS 5000
#define WATCH_BODY_MAX_BYTES 1024

struct room {
    struct ws *ws;
    struct room *next; /* in the bucket */
    struct uuid user_id;
    char username[COMMAND_USERNAME_SIZE];
    natsSubscription *subscription;
    struct socket *oldest, *newest;
    unsigned count;
    bool is_watching;
    bool is_asking;      /* a request to watch is on its way */
    bool wants_state;    /* a client waits to be told how things stand */
    int64_t watch_at_ms; /* monotonic */
};

/* ---- finding ---- */

/* FNV-1a. User ids are random: nobody can choose ids that collide. */
static struct room **bucket_of(struct ws *ws, const char *user_id)
{
    uint32_t hash = 2166136261U;
    for (; *user_id; user_id++)
        hash = (hash ^ (unsigned char)*user_id) * 16777619U;
    return &ws->rooms[hash % WS_ROOM_BUCKETS];
}

static struct room *find(struct ws *ws, const char *user_id)
{
    struct room *room = *bucket_of(ws, user_id);
    while (room && !text_equal(room->user_id.text, user_id))
        room = room->next;
    return room;
}

/* ---- live events ---- */

static void broadcast(struct room *room, struct slice text)
{
    struct frame *frame = frame_new(text);
    struct socket *newer;
    for (struct socket *socket = room->oldest; socket; socket = newer) {
        newer = socket->newer; /* a slow socket leaves the room in socket_send */
        /* The last one may take the room with it, but then newer is NULL. */
        socket_send(socket, frame);
    }
    frame_drop(frame);
}

/* An event's number matters only to sockets that count, so it is read from the text for them only.
 */
static void deliver(struct room *room, struct slice text)
{
    struct frame *frame = frame_new(text);
    struct socket *newer;
    int64_t seq = -1;
    for (struct socket *socket = room->oldest; socket; socket = newer) {
        newer = socket->newer; /* as in broadcast */
        if (!socket->replay) {
            socket_send(socket, frame);
            continue;
        }
        if (seq < 0)
            seq = stored_seq(text);
        replay_event(socket->replay, frame, seq);
    }
    frame_drop(frame);
}

static void run_event(struct inbox_item *item)
{
    struct ws *ws = item->closure;
    struct room *room = find(ws, natsMsg_GetSubject(item->message) + strlen(SUBJECT_PREFIX));
    struct slice text = {natsMsg_GetData(item->message),
                         (size_t)natsMsg_GetDataLength(item->message)};
    /* After disconnect_tiktok the events service goes on until the watch runs out. */
    if (room && room->is_watching)
        deliver(room, text);
}

/* In NATS' thread. */
static void on_event(natsConnection *connection, natsSubscription *subscription, natsMsg *message,
                     void *closure)
{
    (void)connection;
    (void)subscription;
    struct ws *ws = closure;
    const struct inbox_item item = {
        .run = run_event, .closure = ws, .message = message, .is_event = true};
    inbox_put(&ws->inbox, &item);
}

/* In NATS' thread: the subscription's callback runs no more. */
static void on_subscription_ended(void *closure)
{
    struct ws *ws = closure;
    atomic_fetch_sub(&ws->subscriptions, 1);
}

/* Fails only when the connection is closed for good, which ends the process. While NATS is away the
 * library subscribes when it is back. */
static void subscribe(struct room *room)
{
    struct ws *ws = room->ws;
    char subject[sizeof(SUBJECT_PREFIX) + UUID_SIZE];
    snprintf(subject, sizeof(subject), "%s%s", SUBJECT_PREFIX, room->user_id.text);
    if (natsConnection_Subscribe(&room->subscription, bus_connection(ws->gateway->bus), subject,
                                 on_event, ws) != NATS_OK)
        return;
    if (natsSubscription_SetOnCompleteCB(room->subscription, on_subscription_ended, ws) == NATS_OK)
        atomic_fetch_add(&ws->subscriptions, 1);
}

static void unsubscribe(struct room *room)
{
    if (!room->subscription)
        return;
    natsSubscription_Unsubscribe(room->subscription);
    natsSubscription_Destroy(room->subscription);
}

/* ---- watching ---- */

static void set_watching(struct room *room, bool is_watching)
{
    if (is_watching != room->is_watching)
        atomic_fetch_add(&room->ws->gateway->watched_lives, is_watching ? 1U : -1U);
    room->is_watching = is_watching;
}

/* The room may have gone, and come again, since the question. A refused name is not asked for again
 * until the client says something else. */
static void on_watch(struct ws *ws, void *closure, int http_status, natsMsg *reply)
{
    (void)reply;
    AUTO(free) void *owned = closure;
    struct room *room = find(ws, owned);
    if (!room)
        return;
    room->is_asking = false;
    if (http_status == status_http(STATUS_OK))
        return;
    if (http_status != status_http(STATUS_BAD_REQUEST)) {
        room->watch_at_ms = clock_mono_ms() + WATCH_RETRY_MS;
        room->wants_state = true;
        return;
    }
    AUTO_BUFFER(notice, NOTICE_MAX_BYTES);
    set_watching(room, false);
    notice_error(&notice, "invalid username", "user_not_found");
    broadcast(room, buffer_slice(&notice));
}

static void watch(struct room *room)
{
    if (room->is_asking) {
        room->watch_at_ms = 0; /* as soon as that is answered */
        return;
    }
    AUTO_BUFFER(body, WATCH_BODY_MAX_BYTES);
    struct trace trace;
    const struct watch_request in = {.user_id = room->user_id.text,
                                     .username = room->username,
                                     .wants_state = room->wants_state};
    message_encode(&watch_request_message, &in, &body);
    trace_begin(&trace, NULL, NULL);
    const struct bus_header headers[] = {
        {CALL_HEADER_REQUEST_ID, trace.request_id},
        {CALL_HEADER_TRACEPARENT, trace.traceparent},
    };
    const struct upstream_request request = {
        .subject = "rpc.events.watch",
        .headers = headers,
        .header_count = ARRAY_LEN(headers),
        .body = buffer_slice(&body),
        .timeout_ms = WATCH_TIMEOUT_MS,
    };
    char *user_id = strdup(room->user_id.text);
    if (!user_id)
        abort();
    room->watch_at_ms = clock_mono_ms() + WATCH_EVERY_MS;
    room->is_asking = true;
    room->wants_state = false;
    ws_request(room->ws, &request, on_watch, user_id);
}

void room_connect(struct room *room, const char *username)
{
    if (username)
        snprintf(room->username, sizeof(room->username), "%s", username);
    set_watching(room, true);
    room->wants_state = true;
    watch(room);
}

void room_disconnect(struct room *room)
{
    AUTO_BUFFER(notice, NOTICE_MAX_BYTES);
    set_watching(room, false);
    notice_disconnected(&notice, "disconnected");
    broadcast(room, buffer_slice(&notice));
}

/* The answers come later, by the inbox: nobody leaves the room meanwhile. */
void room_ask_permits(struct ws *ws, const char *user_id)
{
    const struct room *room = find(ws, user_id);
    for (struct socket *socket = room ? room->oldest : NULL; socket; socket = socket->newer)
        permit_ask(socket);
}

void rooms_tick(struct ws *ws)
{
    int64_t now_ms = clock_mono_ms();
    for (size_t i = 0; i < WS_ROOM_BUCKETS; i++) {
        for (struct room *room = ws->rooms[i]; room; room = room->next) {
            if (room->is_watching && room->watch_at_ms <= now_ms)
                watch(room);
        }
    }
}

/* ---- sockets come and go ---- */

static struct room *room_new(struct ws *ws, const struct uuid *user_id)
{
    struct room *room = calloc(1, sizeof(*room));
    if (!room)
        abort();
    struct room **bucket = bucket_of(ws, user_id->text);
    room->ws = ws;
    room->user_id = *user_id;
    room->next = *bucket;
    *bucket = room;
    subscribe(room);
    return room;
}

static void room_free(struct room *room)
{
    struct room **link = bucket_of(room->ws, room->user_id.text);
    while (*link != room)
        link = &(*link)->next;
    *link = room->next;
    set_watching(room, false);
    unsubscribe(room);
    free(room);
}

static void append(struct room *room, struct socket *socket)
{
    socket->room = room;
    socket->older = room->newest;
    socket->newer = NULL;
    if (room->newest)
        room->newest->newer = socket;
    else
        room->oldest = socket;
    room->newest = socket;
    room->count++;
}

void room_join(struct socket *socket, const char *username)
{
    struct ws *ws = socket->ws;
    const struct uuid *user_id = &socket->origin.claims.user_id;
    struct room *room = find(ws, user_id->text);
    if (!room)
        room = room_new(ws, user_id);
    append(room, socket);
    if (room->count > ROOM_SOCKETS_MAX)
        socket_close(room->oldest, SOCKET_CLOSE_TOO_MANY);
    snprintf(room->username, sizeof(room->username), "%s", username);
    if (room->is_watching || ws->gateway->config->tt_ws_autostart)
        room_connect(room, NULL);
}

void room_leave(struct socket *socket)
{
    struct room *room = socket->room;
    if (!room)
        return;
    if (socket->older)
        socket->older->newer = socket->newer;
    else
        room->oldest = socket->newer;
    if (socket->newer)
        socket->newer->older = socket->older;
    else
        room->newest = socket->older;
    socket->room = NULL;
    if (--room->count == 0)
        room_free(room);
}
