/* SPDX-License-Identifier: MIT */
/* The last message ids of a room: what comes twice, as after a reconnect, is told from what is new.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEEN_MAX 4096
#define SEEN_SLOTS ((size_t)2 * SEEN_MAX) /* half of them stay free, which keeps searches short */

/* Zeroed, it has seen nothing. */
struct seen {
    int64_t ids[SEEN_MAX];      /* a ring */
    uint16_t slots[SEEN_SLOTS]; /* by hash: the place of an id in the ring, plus 1; 0 is free */
    size_t next;
};

/* Whether id is among the last SEEN_MAX; it is from now on. 0 is no id, and never seen. */
bool seen_before(struct seen *seen, int64_t id);
