/* SPDX-License-Identifier: MIT */
/* One sound's loudness: measured, noted in its row, and its file replaced by a copy that is as loud
 * as all sounds are. */
#pragma once

#include "lib/api/call.h"
#include "services/media/audio/audio.h"
#include "services/media/config.h"

struct level {
    int root; /* the media root; borrowed */
    const struct media_config *config;
    struct audio *audio;
    struct call call; /* of the thread that levels: its arena and database */
};

/* Levels a sound that waits for it, the longest first. STATUS_NOT_FOUND when none does. One whose
 * file the workers can't stand stays as it is, and is said to be levelled. */
MUST_CHECK enum status level_next(struct level *level);
