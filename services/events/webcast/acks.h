/* SPDX-License-Identifier: MIT */
/* Acknowledgements that wait until what their frames brought is safe. Each has a position: how far
 * the events' numbers had come when the frame's events had been handed on. Positions rise, so the
 * acknowledgements, of all connections in one queue, become due in their order. Bounded: past
 * ACKS_MAX_BYTES the oldest are due as well. */
#pragma once

#include "lib/base/buffer.h"

#define ACKS_MAX_BYTES ((size_t)16 * 1024 * 1024) /* some 60,000 of the usual size */

struct acks {
    struct ack *first;
    struct ack **last;
    size_t bytes;
};

struct ack {
    struct ack *next;
    const void *owner; /* the connection that it goes to; NULL: lost since */
    int64_t position;
    size_t size;
    unsigned char frame[];
};

/* In place, empty. */
void acks_init(struct acks *acks);

void acks_add(struct acks *acks, const void *owner, int64_t position, struct slice frame);

/* Whether any waits. */
bool acks_are_waiting(const struct acks *acks);

/* The first one, now the caller's to free, when all up to its position is settled, or when too many
 * wait; else NULL. ret_early: it is given out before its time. */
struct ack *acks_take(struct acks *acks, int64_t settled, bool *ret_early);

/* A connection is gone, and what waited for it with it. */
void acks_drop(struct acks *acks, const void *owner);

void acks_done(struct acks *acks);
