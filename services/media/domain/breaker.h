/* SPDX-License-Identifier: MIT */
/* A circuit breaker: who keeps failing is left alone for a while, and nobody waits for it
 * meanwhile.
 *
 *     closed ──BREAKER_FAILURES in a row──► open ──after the pause──► half-open: one probe
 *       ▲                                    ▲                          │         │
 *       └──────────────── success ───────────┼──────────────────────────┘         │
 *                                            └─ failure: a pause twice as long ────┘
 *
 * Times are monotonic milliseconds and passed in. Belongs to one thread, or under a lock.
 * Source: M. Nygard, Release It!, "Circuit Breaker". */
#pragma once

#include "lib/base/macros.h"

#include <stdbool.h>
#include <stdint.h>

#define BREAKER_FAILURES 5
#define BREAKER_PAUSE_MS 10000 /* the first */
#define BREAKER_PAUSE_MAX_MS 300000

enum breaker_state { BREAKER_CLOSED, BREAKER_OPEN, BREAKER_HALF_OPEN };

struct breaker {
    enum breaker_state state;
    unsigned failures; /* in a row, while closed */
    int64_t pause_ms;  /* the one under way, or the last */
    int64_t until_ms;  /* its end */
    uint64_t turn; /* counts the changes of state: whose attempt began before one counts no more */
};

/* Closed, in place. */
void breaker_init(struct breaker *breaker);

/* Whether an attempt would be let through. */
bool breaker_is_passable(const struct breaker *breaker, int64_t now_ms);

/* Begins an attempt, which breaker_end must end by its ticket. False: none may be made now. */
MUST_CHECK bool breaker_begin(struct breaker *breaker, int64_t now_ms, uint64_t *ret_ticket);

/* Returns whether the state has changed. */
bool breaker_end(struct breaker *breaker, uint64_t ticket, bool is_good, int64_t now_ms);
