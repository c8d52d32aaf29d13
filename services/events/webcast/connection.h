/* SPDX-License-Identifier: MIT */
/* An open room: enters it, keeps the heart beating, acknowledges, and notices silence. */
#pragma once

#include "services/events/webcast/session.h"
#include "services/events/webcast/socket.h"

struct connection;

struct connection_handlers {
    void (*on_open)(void *closure);
    /* It answers, but no message has come for long: the live may be over. */
    void (*on_silence)(void *closure);
    /* It is gone already. lasted_ms: for how long it was open, 0 when it never was. */
    void (*on_lost)(void *closure, enum webcast_error error, const char *reason, int64_t lasted_ms);
};

/* Connects with a signature that was just given. NULL when not even that can begin; the reason is
 * then in ret_reason, SOCKET_REASON_MAX bytes. */
struct connection *connection_open(struct shared *shared, struct stream *stream,
                                   const struct job *signed_job,
                                   const struct connection_handlers *handlers, void *closure,
                                   char *ret_reason);

/* No handler is called any more. Not to be called by a handler of the stream. Takes NULL. */
void connection_close(struct connection *connection);
