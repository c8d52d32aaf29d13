/* SPDX-License-Identifier: MIT */
/* What replicas say to each other by NATS when a live goes from one to another; docs/adr/0016 says
 * why. Who takes a live over tells whoever held it, and waits for its word that it is quiet. */
#pragma once

#include "lib/base/metrics.h"
#include "lib/bus/bus.h"

struct handover;

struct handover_options {
    struct bus *bus; /* borrowed for the life of the handover */
    /* Another replica has these lives: they must be quiet when this returns. In a thread of its
     * own. */
    void (*on_lost)(void *closure, const char *const names[], size_t count);
    /* Lives may be free: look at the tables now. In the library's thread: must not wait. */
    void (*on_call)(void *closure);
    void *closure;
    struct metrics *metrics;
};

/* STATUS_UNAVAILABLE while NATS is away. */
MUST_CHECK enum status handover_start(const struct handover_options *options,
                                      struct handover **ret_handover);

/* Tells the replica previous that we have these lives. Returns when it says that it is quiet, at
 * once when it isn't there, and after 1 s in any case. */
void handover_take(struct handover *handover, const char *previous, const char *const names[],
                   size_t count);

/* Calls upon all other replicas to look at the tables. */
void handover_call(struct handover *handover);

/* No callback comes after it. Takes NULL. */
void handover_stop(struct handover *handover);
