/* SPDX-License-Identifier: MIT */
/* What the files of ws/ share. Used by the WebSocket thread only, unless said otherwise. */
#pragma once

#include <ev.h>
#include <libwebsockets.h>

#include "lib/base/arena.h"
#include "lib/bus/subscriptions.h"
#include "services/gateway/gateway.h"
#include "services/gateway/ws/inbox.h"
#include "services/gateway/ws/wheel.h"

struct room;
struct socket;

#define WS_PROTOCOL "ttboost" /* the name under which the library knows our callback */
#define WS_ROOM_BUCKETS 16384
#define WS_GUESTS_MAX 1024 /* each holds memory for its request's headers */

/* See drain.h. Times are monotonic. */
struct drain {
    lws_sorted_usec_list_t step;
    int64_t from_ms;
    int64_t until_ms; /* all are told to close */
    int64_t end_ms;   /* nobody waits longer for them; set before the thread is told to stop */
    unsigned count;   /* of sockets, at first */
    unsigned told;
};

struct ws {
    struct gateway *gateway;
    struct ev_loop *loop; /* the library runs in it: docs/adr/0015-epoll-by-libev.md */
    struct lws_context *context;
    pthread_t thread;
    struct inbox inbox;  /* any thread puts */
    struct arena *arena; /* reset after each use */
    struct room *rooms[WS_ROOM_BUCKETS];
    struct wheel wheel;
    int door;               /* door.h */
    struct socket *sockets; /* all that are open */
    unsigned socket_count;
    unsigned guests; /* connections that are no open sockets yet */
    unsigned losses; /* of the bus, that we have seen */
    bool is_cut;     /* the bus was lost and is not back yet, as far as we have seen */
    lws_sorted_usec_list_t tick;
    bool stopping;
    struct drain drain;
    struct subscriptions *news; /* permit.h, chosen.h */
    atomic_uint subscriptions;  /* of rooms, whose callback may still run; any thread */
    struct metric *sockets_gauge;
    struct metric *opened;
    struct metric *refused;
    struct metric *frames;
    struct metric *slow;
};

/* How a request ended, in the WebSocket thread; reply stays the caller's and is NULL for none. */
typedef void (*ws_reply_fn)(struct ws *ws, void *closure, int http_status, natsMsg *reply);

/* Sends a request; done runs in the WebSocket thread, exactly once, also after ws_stop. */
void ws_request(struct ws *ws, const struct upstream_request *wanted, ws_reply_fn done,
                void *closure);

/* Looks whether the bus was lost since the last look: before an event is passed on. */
void ws_heed_losses(struct ws *ws);
