/* SPDX-License-Identifier: MIT */
/* Timers for tens of thousands of sockets: setting and cancelling one costs the same however many
 * there are. (The library keeps its own in one sorted list.) They fire up to
 * two steps late, never early. One thread uses a wheel. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define WHEEL_STEP_MS 250
#define WHEEL_SLOTS 512
#define WHEEL_MAX_MS ((WHEEL_SLOTS - 2) * WHEEL_STEP_MS) /* two minutes */

/* Zeroed, it is not set. It lives in what it is for, and must be cancelled before that goes. */
struct wheel_timer {
    struct wheel_timer *next;
    struct wheel_timer **link; /* what points to it; NULL: not set */
    void (*fire)(struct wheel_timer *timer);
};

/* Zeroed but for the time. */
struct wheel {
    int64_t now_step;
    struct wheel_timer *slots[WHEEL_SLOTS];
};

void wheel_init(struct wheel *wheel, int64_t now_ms);

/* Fires once, in delay_ms, at most WHEEL_MAX_MS; a timer that is set already is set anew. */
void wheel_set(struct wheel *wheel, struct wheel_timer *timer, int64_t delay_ms,
               void (*fire)(struct wheel_timer *timer));

/* One that is not set stays so. */
void wheel_cancel(struct wheel_timer *timer);

/* Fires what is due. Functions that it calls may set and cancel any timer. */
void wheel_turn(struct wheel *wheel, int64_t now_ms);
