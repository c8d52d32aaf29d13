/* SPDX-License-Identifier: MIT */
/* When a user's triggers fired last, in each stream and for each viewer: what cooldowns and "once
 * per stream" go by. Times are wall milliseconds, since they outlive the process in a table.
 * Bounded: past FIRINGS_MAX of those for anybody, or of those for one viewer, the longest known are
 * forgotten. */
#pragma once

#include "services/events/domain/occasion.h"

#define FIRINGS_MAX 10000
#define FIRINGS_ANYBODY INT64_C(0) /* in a viewer's place: whoever it was for */

struct firings;

struct firings *firings_new(void);

/* The trigger fired; a time before what is known changes nothing. */
void firings_note(struct firings *firings, const char *trigger_id, int64_t room_id,
                  int64_t viewer_id, int64_t at_ms);

/* Whether the trigger may not fire yet, or not again in this stream. */
bool firings_forbid(const struct firings *firings, const struct trigger *trigger,
                    const struct occasion *occasion, int64_t now_ms);

/* Notes that the trigger fired now, as far as that will ever matter. */
void firings_add(struct firings *firings, const struct trigger *trigger,
                 const struct occasion *occasion, int64_t now_ms);

/* Takes NULL. */
void firings_free(struct firings *firings);
