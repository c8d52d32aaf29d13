/* SPDX-License-Identifier: MIT */
/* The requests that await a service's answer: a bounded table, shared by all threads. A ticket
 * names an entry for as long as it is in the table and is never used again, so an answer that comes
 * after the deadline finds nothing. Exactly one taker gets an entry. */
#pragma once

#include "services/gateway/body.h"

#include <nats/nats.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How a request ended; see upstream.h. */
typedef void (*upstream_fn)(void *closure, int http_status, natsMsg *reply, struct body *joined);

struct pending_entry {
    upstream_fn done;
    void *closure;
    int64_t deadline_ms; /* monotonic */
    bool takes_parts;
    struct body *joined; /* the parts of the answer so far; NULL before the first */
};

struct pending;

struct pending *pending_new(unsigned max);

/* False when the table is full. */
MUST_CHECK bool pending_add(struct pending *pending, const struct pending_entry *entry,
                            uint64_t *ret_ticket);

/* False when there is no such entry, or no more, or it is borrowed. */
MUST_CHECK bool pending_take(struct pending *pending, uint64_t ticket,
                             struct pending_entry *ret_entry);

/* Shows an entry that stays in the table and that nobody takes until it is given back; false as
 * above. One thread does this. */
MUST_CHECK bool pending_borrow(struct pending *pending, uint64_t ticket,
                               struct pending_entry *ret_entry);
void pending_give_back(struct pending *pending, uint64_t ticket, const struct pending_entry *entry);

/* Takes one whose deadline is now_ms or earlier; false when there is none. */
MUST_CHECK bool pending_take_expired(struct pending *pending, int64_t now_ms,
                                     struct pending_entry *ret_entry);

unsigned pending_count(struct pending *pending);

void pending_free(struct pending *pending);
