/* SPDX-License-Identifier: MIT */
/* The queue of those who wait for a share of what may be asked of the sign server: the urgent
 * first, then whoever has waited longest. */
#pragma once

#include "lib/base/macros.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A place in the queue; part of whoever waits. */
struct turn {
    struct turn *next;
    int64_t since_ms; /* when the wait began, monotonic; who leaves and comes again with the same
                         has the same place */
    bool is_urgent;
};

/* All zeroes is an empty queue. */
struct turns {
    struct turn *first;
    size_t count;
};

/* Takes its place, behind those who have waited as long; borrowed until it leaves. It must not be
 * in the queue. */
void turns_join(struct turns *turns, struct turn *turn);

/* Does nothing for one that is not in the queue. */
void turns_leave(struct turns *turns, const struct turn *turn);
