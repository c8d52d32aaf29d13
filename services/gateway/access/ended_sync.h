/* SPDX-License-Identifier: MIT */
/* Keeps the set of what has ended as auth has it: a thread that listens first, then loads all of
 * it, and asks for the news whenever auth says that there is some, after NATS was away, and every
 * 30 s in case that was lost. While auth is away it tries again and again. */
#pragma once

#include "lib/bus/bus.h"
#include "services/gateway/access/ended.h"

struct ended_sync;

struct ended_sync_options {
    struct bus *bus;
    struct ended *ended;
    void (*on_news)(void *closure); /* in the thread, after the set has changed */
    void *closure;
};

/* STATUS_UNAVAILABLE when NATS is away. The set becomes known some time after. */
MUST_CHECK enum status ended_sync_start(const struct ended_sync_options *options,
                                        struct ended_sync **ret_sync);

/* Takes NULL. */
void ended_sync_stop(struct ended_sync *sync);
