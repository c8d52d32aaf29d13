/* SPDX-License-Identifier: MIT */
/* The events that a room was sent last, by their ids: one that an events service publishes again is
 * dropped by JetStream, but comes to who listens a second time. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define RECENT_MAX 512

/* Zeroed, it knows none. */
struct recent {
    uint64_t hashes[RECENT_MAX]; /* a ring; 0: free */
    unsigned next;
};

/* Whether id was among the last RECENT_MAX; it is from now on. Two ids are taken for one by chance
 * once in 2^55 events. */
bool recent_before(struct recent *recent, const char *id);
