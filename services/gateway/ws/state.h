/* SPDX-License-Identifier: MIT */
/* What the files of ws/ share. Used by the WebSocket thread only, unless said otherwise. */
#pragma once

#include <libwebsockets.h>

#include "lib/base/arena.h"
#include "lib/bus/subscriptions.h"
#include "services/gateway/gateway.h"
#include "services/gateway/ws/inbox.h"

struct room;
struct socket;

#define WS_ROOM_BUCKETS 1024

struct ws {
    struct gateway *gateway;
    struct lws_context *context;
    pthread_t thread;
    struct inbox inbox;  /* any thread puts */
    struct arena *arena; /* reset after each use */
    struct room *rooms[WS_ROOM_BUCKETS];
    struct socket *sockets; /* all that are open */
    unsigned socket_count;
    lws_sorted_usec_list_t tick;
    bool stopping;
    int64_t stop_by_ms;
    struct subscriptions *news; /* permit.h */
    atomic_uint subscriptions;  /* of rooms, whose callback may still run; any thread */
    struct metric *sockets_gauge;
    struct metric *frames;
    struct metric *slow;
};

/* How a request ended, in the WebSocket thread; reply stays the caller's and is NULL for none. */
typedef void (*ws_reply_fn)(struct ws *ws, void *closure, int http_status, natsMsg *reply);

/* Sends a request; done runs in the WebSocket thread, exactly once, also after ws_stop. */
void ws_request(struct ws *ws, const struct upstream_request *wanted, ws_reply_fn done,
                void *closure);
