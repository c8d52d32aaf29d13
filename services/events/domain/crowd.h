/* SPDX-License-Identifier: MIT */
/* What the viewers of a streamer's lives have done in each: who has written already, and what they
 * gave. Bounded: past CROWD_MAX viewers those who have been known for longest are forgotten.
 * Nothing is remembered of viewers without an id (0), who may be many. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define CROWD_MAX 20000

struct crowd;

struct crowd *crowd_new(void);

/* What is known of a viewer from before, as from a table: adds to what is known, never takes
 * away. */
void crowd_note(struct crowd *crowd, int64_t room_id, int64_t viewer_id, bool has_spoken,
                int64_t diamonds);

/* The viewer writes: true when it is known to be the first message in this stream. */
bool crowd_speaks(struct crowd *crowd, int64_t room_id, int64_t viewer_id);

/* The viewer gives diamonds (0: asks only): what it makes in all in this stream. */
int64_t crowd_gives(struct crowd *crowd, int64_t room_id, int64_t viewer_id, int64_t diamonds);

/* Takes NULL. */
void crowd_free(struct crowd *crowd);
