/* SPDX-License-Identifier: MIT */
/* What of a stream must outlive the process that serves it: when triggers fired, and what viewers
 * did. Written in batches, behind what happens (live/recorder.h); kept for a day. */
#pragma once

#include "lib/base/arena.h"
#include "lib/base/status.h"
#include "lib/pg/pg.h"

struct firing {
    const char *trigger_id;
    int64_t room_id;
    int64_t viewer_id; /* FIRINGS_ANYBODY: whoever it was for */
    int64_t at_ms;     /* wall time */
    bool is_kept;      /* a cooldown goes by it; else it is only counted */
};

struct viewer_memory {
    const char *username; /* the streamer's */
    int64_t room_id;
    int64_t viewer_id;
    bool has_spoken;
    int64_t diamonds; /* all that the viewer gave in this stream */
};

/* Each that is for anybody adds one to its trigger's executed_count; of those that are kept, the
 * latest of each trigger, stream and viewer stays. Triggers that are gone are left out. */
MUST_CHECK enum status firings_insert(struct pg *db, const struct firing *firings, size_t count);

/* Those of the user's triggers; at most max, the latest, of which those for anybody go before those
 * for one viewer. The oldest come first. */
MUST_CHECK enum status firings_load(struct pg *db, const char *user_id, size_t max,
                                    struct arena *arena, struct firing **ret_firings,
                                    size_t *ret_count);

/* A viewer may be there already: has_spoken stays true, diamonds never fall. */
MUST_CHECK enum status viewers_upsert(struct pg *db, const struct viewer_memory *viewers,
                                      size_t count);

/* Those of the streamer's lives; at most max, the latest, of which the oldest come first. */
MUST_CHECK enum status viewers_load(struct pg *db, const char *username, size_t max,
                                    struct arena *arena, struct viewer_memory **ret_viewers,
                                    size_t *ret_count);

/* Forgets what is older than a day. */
MUST_CHECK enum status memories_forget_old(struct pg *db);
