/* SPDX-License-Identifier: MIT */
/* Plays a crowd: what happens next in a room. The same seed gives the same events in the same
 * order. */
#pragma once

#include "tools/webcast-sim/dice.h"
#include "tools/webcast-sim/event.h"

#include <stdint.h>

#define SCRIPT_STREAKS 6
#define SCRIPT_BAG_MAX 128

/* Even: each kind often enough to be seen within seconds. Real: as rare as in recorded traffic. */
enum script_mix { SCRIPT_MIX_EVEN, SCRIPT_MIX_REAL };

/* Somebody who taps a gift again and again; idle when target is 0. */
struct streak {
    struct person person;
    struct gift gift;
    int64_t group_id;
    int count;
    int target;
    int64_t due_ms;
};

struct script {
    struct dice dice;
    enum script_mix mix;
    uint8_t bag[SCRIPT_BAG_MAX]; /* kinds in the order to come, so that none stays away for long */
    size_t bag_left;
    struct streak streaks[SCRIPT_STREAKS];
    int64_t likes;
    int64_t followers;
    int64_t viewers;
    int64_t viewers_ever;
};

void script_init(struct script *script, uint64_t seed, enum script_mix mix);

/* A gift's next message when one is due, else whatever the bag holds. */
void script_next(struct script *script, int64_t now_ms, struct event *ret_event);

/* An event of that kind by somebody; a gift is a single one that can't streak. */
void script_make(struct script *script, enum event_kind kind, struct event *ret_event);

/* A new live begins: nobody goes on with a gift of the last one. */
void script_forget_streaks(struct script *script);

/* A gift that can streak. */
struct gift script_streakable_gift(struct script *script);
