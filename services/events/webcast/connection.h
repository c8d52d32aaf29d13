/* SPDX-License-Identifier: MIT */
/* An open room: enters it, keeps the heart beating, acknowledges, and notices silence. */
#pragma once

#include "services/events/webcast/session.h"
#include "services/events/webcast/socket.h"

struct connection;

struct connection_handlers {
    void (*on_open)(void *closure);
    /* It answers, but no message has come for long: the live may be over. Again from time to time,
     * until on_data. */
    void (*on_silence)(void *closure);
    /* After a silence messages come again. */
    void (*on_data)(void *closure);
    /* It is gone already. good_ms: for how long it had brought messages, 0 when it never did. */
    void (*on_lost)(void *closure, enum webcast_error error, const char *reason, int64_t good_ms);
};

/* Connects with a signature that was just given. NULL when not even that can begin; the reason is
 * then in ret_reason, SOCKET_REASON_MAX bytes. */
struct connection *connection_open(struct shared *shared, struct stream *stream,
                                   const struct job *signed_job,
                                   const struct connection_handlers *handlers, void *closure,
                                   char *ret_reason);

/* No handler is called any more. Not to be called by a handler of the stream. Takes NULL. */
void connection_close(struct connection *connection);

/* Sends the acknowledgements that have become due, of all connections. */
void connection_settle(struct shared *shared);
