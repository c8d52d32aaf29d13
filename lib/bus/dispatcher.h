/* SPDX-License-Identifier: MIT */
/* Serves subjects: each endpoint's subscription (queue group = the service's name, but for those
 * that fan out) only puts the message on the queue of the endpoint's pool; a full queue is answered
 * at once with 503. The endpoints show themselves to `nats micro` by $SRV.PING, $SRV.INFO and
 * $SRV.STATS (NATS ADR-32).
 */
#pragma once

#include "lib/base/arena.h"
#include "lib/base/metrics.h"
#include "lib/base/status.h"
#include "lib/bus/bus.h"
#include "lib/bus/pool.h"
#include "lib/bus/reply.h"

#include <stddef.h>
#include <stdint.h>

struct dispatcher;

/* Handles one message in a worker's thread: worker is what the pool's start_worker gave. Replies
 * itself, with bus_reply, and returns the HTTP status that it answered, which the statistics count
 * (≥ 500: an error). message stays the dispatcher's. */
typedef int (*dispatch_fn)(natsMsg *message, int64_t received_ms, void *closure, void *worker);

struct dispatch_endpoint {
    const char *name;    /* "login" */
    const char *subject; /* "rpc.auth.login" */
    struct pool *pool;
    dispatch_fn handle;
    void *closure;
    bool fan_out; /* each replica gets every message, and answers it: whoever asks takes the first
                     answer */
};

struct dispatcher_options {
    struct bus *bus;
    const char *service; /* "auth": queue group, and name in $SRV answers */
    const char *version; /* semantic version */
    const char *description;
    const struct dispatch_endpoint *endpoints; /* copied */
    size_t count;
    struct metrics
        *metrics; /* may be NULL: calls by endpoint and status class, latency by endpoint */
};

/* Subscribes to everything. */
MUST_CHECK enum status dispatcher_start(const struct dispatcher_options *options,
                                        struct dispatcher **ret_dispatcher);

/* Ends the subscriptions and returns when every message that the server has sent is answered: none
 * is lost. The pools must still run, and the bus must be open: draining the connection instead
 * would lose the replies being computed. */
void dispatcher_drain(struct dispatcher *dispatcher);

/* Drains first, unless done. Takes NULL. */
void dispatcher_free(struct dispatcher *dispatcher);
