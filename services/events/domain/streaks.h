/* SPDX-License-Identifier: MIT */
/* Gift streaks: turns the repeated messages of one streak into what was added each time, and one
 * final total. A streak is one sender, one gift, one group, in one room.
 *
 * repeat_count may go back (messages overtake one another) and the message that ends a streak may
 * never come, so a streak that is silent for STREAKS_IDLE_MS ends by itself; an ended one is
 * remembered for STREAKS_KEPT_MS, so that a late message of it counts for nothing. Memory is
 * bounded: past STREAKS_MAX the oldest streak is ended early. Time is passed in (monotonic ms). */
#pragma once

#include "services/events/domain/live_event.h"

#define STREAKS_MAX 512
#define STREAKS_IDLE_MS 12000
#define STREAKS_KEPT_MS 60000

struct streaks;

/* One step of a streak. gift is the message as it came, or for a streak that ended by itself a copy
 * of its latest one (without badges and image). */
struct streak_step {
    const struct live_event *gift;
    int64_t added;    /* gifts since the last step; 0 in a final step that brings nothing new */
    int64_t count;    /* gifts so far: what counts when final */
    int64_t diamonds; /* of all of them */
    bool final;       /* exactly one step of each streak is */
};

typedef void streak_fn(void *closure, const struct streak_step *step);

struct streaks *streaks_new(streak_fn *on_step, void *closure);

/* Takes a LIVE_GIFT and reports what it adds: nothing for a message that is late or repeated. A
 * gift that can't streak is one final step. */
void streaks_add(struct streaks *streaks, const struct live_event *gift, int64_t now_ms);

/* Ends the streaks that have been silent for too long. Returns when to call again: ms from now, -1
 * when there's nothing to wait for. */
int64_t streaks_flush(struct streaks *streaks, int64_t now_ms);

/* The stream is over: ends all. */
void streaks_end(struct streaks *streaks, int64_t now_ms);

void streaks_free(struct streaks *streaks);
