/* SPDX-License-Identifier: MIT */
/* One WebSocket connection to TikTok, over libwebsockets. Only the thread that serves the context
 * may touch it; handlers are called by that thread. */
#pragma once

#include "lib/base/buffer.h"
#include "services/events/webcast/target.h"
#include "services/events/webcast/webcast.h"

#include <libwebsockets.h>

#define SOCKET_REASON_MAX 256

struct socket;

struct socket_handlers {
    /* ping_interval_s: how often the server wants a heartbeat, 0 when it doesn't say. */
    void (*on_open)(void *closure, int64_t ping_interval_s);
    /* A whole binary message; text messages are passed over. Empty when it was too large. */
    void (*on_message)(void *closure, struct slice message);
    /* It could not be opened, or was closed by the other side. The socket is gone by then. reason
     * is for the log. */
    void (*on_closed)(void *closure, enum webcast_error error, const char *reason);
};

/* What a vhost must have been made with. */
extern const struct lws_protocols socket_protocols[];

/* Begins to connect. NULL, and no handler is called, when not even that works; the reason is then
 * in ret_reason, SOCKET_REASON_MAX bytes. */
struct socket *socket_open(struct lws_context *context, struct lws_vhost *vhost,
                           const struct target *target, const char *cookie, const char *user_agent,
                           const struct socket_handlers *handlers, void *closure, char *ret_reason);

/* Queues a binary message; one that finds the queue full is dropped: the peer then has stopped
 * reading, and the watchdog will notice. */
void socket_send(struct socket *socket, struct slice message);

/* Closes it in order (1000) where it is open. No handler is called any more. Takes NULL. */
void socket_close(struct socket *socket);
