/* SPDX-License-Identifier: MIT */
#include "services/gateway/ws/room.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "services/gateway/ws/notice.h"
#include "services/gateway/ws/permit.h"
#include "services/gateway/ws/recent.h"
#include "services/gateway/ws/stored.h"
#include "services/gateway/ws/v1_event.h"
#include "services/gateway/ws/watching.h"

#define SUBJECT_PREFIX "live."

struct room {
    struct ws *ws;
    struct room *next; /* in the bucket */
    struct uuid user_id;
    natsSubscription *subscription;
    int64_t subscribed_ms; /* monotonic */
    struct watching *watching;
    struct recent *recent; /* NULL before the first event */
    struct frame *latest;  /* the last event; likewise */
    struct socket *oldest, *newest;
    unsigned count;
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

/* One event on its way to the sockets of a room. The forms that only some sockets need are made for
 * the first of them. */
struct delivery {
    struct slice text;
    struct frame *frame;
    struct frame *v1_frame; /* NULL: not made yet, or none */
    int64_t seq;            /* -1: not read yet */
};

static void deliver_to(struct delivery *delivery, struct socket *socket)
{
    if (socket_is_v1(socket)) {
        if (!delivery->v1_frame)
            delivery->v1_frame = v1_event_frame(delivery->text);
        if (delivery->v1_frame)
            socket_send(socket, delivery->v1_frame);
        return;
    }
    if (!socket->replay) {
        socket_send(socket, delivery->frame);
        return;
    }
    if (delivery->seq < 0)
        delivery->seq = stored_seq(delivery->text);
    replay_event(socket->replay, delivery->frame, delivery->seq);
}

static void deliver(struct room *room, struct slice text)
{
    struct delivery delivery = {.text = text, .frame = frame_new(text), .seq = -1};
    struct socket *newer;
    frame_drop(room->latest);
    room->latest = frame_hold(delivery.frame);
    for (struct socket *socket = room->oldest; socket; socket = newer) {
        newer = socket->newer; /* as in room_tell */
        deliver_to(&delivery, socket);
    }
    frame_drop(delivery.frame);
    frame_drop(delivery.v1_frame);
}

/* Idle users, who are most, need no memory for what they have heard. */
static bool is_repeat(struct room *room, natsMsg *message)
{
    const char *id = bus_header_get(message, "Nats-Msg-Id");
    if (!id)
        return false;
    if (!room->recent)
        room->recent = calloc(1, sizeof(*room->recent));
    if (!room->recent)
        abort();
    return recent_before(room->recent, id);
}

/* After disconnect_tiktok another gateway's sockets may go on watching. What the client has made up
 * to test a trigger comes all the same. */
static bool wants(const struct room *room, struct slice text)
{
    return watching_is_on(room->watching) || stored_is_test(text);
}

static void run_event(struct inbox_item *item)
{
    struct ws *ws = item->closure;
    ws_heed_losses(ws);
    struct room *room = find(ws, natsMsg_GetSubject(item->message) + strlen(SUBJECT_PREFIX));
    struct slice text = {natsMsg_GetData(item->message),
                         (size_t)natsMsg_GetDataLength(item->message)};
    if (room && wants(room, text) && !is_repeat(room, item->message))
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
    room->subscribed_ms = clock_mono_ms();
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

/* ---- for all sockets of a room ---- */

void room_tell(struct room *room, struct slice text)
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

bool room_connect(struct room *room, const char *username)
{
    return watching_begin(room->watching, username);
}

bool room_is_other(const struct room *room, const char *username)
{
    return watching_is_other(room->watching, username);
}

void room_disconnect(struct room *room)
{
    AUTO_BUFFER(notice, NOTICE_MAX_BYTES);
    watching_stop(room->watching);
    notice_disconnected(&notice, "disconnected");
    room_tell(room, buffer_slice(&notice));
}

void room_follow(struct ws *ws, const char *user_id, const char *username)
{
    struct room *room = find(ws, user_id);
    if (!room)
        return;
    if (username)
        watching_follow(room->watching, username);
    else
        room_disconnect(room);
}

/* The answers come later, by the inbox: nobody leaves the room meanwhile. */
void room_ask_permits(struct ws *ws, const char *user_id)
{
    const struct room *room = find(ws, user_id);
    for (struct socket *socket = room ? room->oldest : NULL; socket; socket = socket->newer)
        permit_ask(socket);
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
    room->watching = watching_new(room, ws, user_id);
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
    watching_end(room->watching);
    unsubscribe(room);
    free(room->recent);
    frame_drop(room->latest);
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

void room_join(struct socket *socket)
{
    struct ws *ws = socket->ws;
    const struct gateway_config *config = ws->gateway->config;
    const struct uuid *user_id = &socket->origin.claims.user_id;
    struct room *room = find(ws, user_id->text);
    if (!room)
        room = room_new(ws, user_id);
    append(room, socket);
    if (room->count > config->ws_sockets_per_user)
        socket_close(room->oldest, SOCKET_CLOSE_TOO_MANY);
}

void room_set_default(struct room *room, const char *username, bool has_feed)
{
    if (has_feed)
        watching_allow_feed(room->watching);
    watching_set_default(room->watching, username);
}

void room_greet(struct room *room)
{
    const struct watching *watching = room->watching;
    if (watching_is_on(watching) || watching_wants_feed(watching) ||
        room->ws->gateway->config->tt_ws_autostart)
        (void)watching_begin(room->watching, NULL);
}

int64_t room_subscribed_ms(const struct room *room)
{
    return room->subscribed_ms;
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

/* Who has not counted so far does from here on, from the last event that was sent. */
static void cut(const struct room *room)
{
    int64_t seq = -1;
    for (struct socket *socket = room->oldest; socket; socket = socket->newer) {
        replay_cut(socket->replay);
        if (socket->replay || socket_is_v1(socket) || !room->latest)
            continue;
        if (seq < 0)
            seq = stored_seq((struct slice){frame_payload(room->latest), frame_size(room->latest)});
        socket->replay = replay_wait(socket, seq);
    }
}

void rooms_cut(struct ws *ws)
{
    for (size_t i = 0; i < WS_ROOM_BUCKETS; i++) {
        for (const struct room *room = ws->rooms[i]; room; room = room->next)
            cut(room);
    }
}

/* The library has subscribed again by itself. */
void rooms_resume(struct ws *ws)
{
    int64_t now_ms = clock_mono_ms();
    for (size_t i = 0; i < WS_ROOM_BUCKETS; i++) {
        for (struct room *room = ws->rooms[i]; room; room = room->next) {
            room->subscribed_ms = now_ms;
            for (struct socket *socket = room->oldest; socket; socket = socket->newer)
                replay_resume(socket->replay);
        }
    }
}
