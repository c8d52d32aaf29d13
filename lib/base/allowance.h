/* SPDX-License-Identifier: MIT */
/* How often each of many may do something: a burst at once, which comes back evenly over a window
 * (GCRA: all that is kept of a client is when its allowance will be full again). Memory is fixed:
 * where there are too many clients, those whose allowance is fullest are forgotten. Any thread.
 * Source: ITU-T I.371, annex A, the virtual scheduling algorithm. */
#pragma once

#include "lib/base/uuid.h"

#include <stdbool.h>
#include <stdint.h>

#define ALLOWANCE_KEY_BYTES UUID_BYTES

struct allowance;

/* Whom something counts on. */
struct allowance_key {
    uint8_t bytes[ALLOWANCE_KEY_BYTES];
};

struct allowance_verdict {
    bool is_refused;
    unsigned remaining;
    unsigned reset_s; /* until one more remains; when refused, until the next is granted */
};

/* limit: how many in window_s seconds, at least 1. Memory is touched as clients come. */
struct allowance *allowance_new(unsigned limit, unsigned window_s);

/* Of an id that uuid_parse has given. */
struct allowance_key allowance_key_of(const struct uuid *id);

/* Counts one, unless it is refused. */
struct allowance_verdict allowance_take(struct allowance *allowance,
                                        const struct allowance_key *key, int64_t now_mono_ns);

/* Takes NULL. */
void allowance_free(struct allowance *allowance);

AUTO_DEFINE(struct allowance *, allowance_free)
