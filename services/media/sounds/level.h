/* SPDX-License-Identifier: MIT */
/* One sound's loudness: measured, noted in its row, and its file replaced by a copy that is as loud
 * as all sounds are. */
#pragma once

#include "lib/api/call.h"
#include "lib/base/metrics.h"
#include "services/media/audio/audio.h"
#include "services/media/config.h"

struct level {
    int root; /* the media root; borrowed */
    const struct media_config *config;
    struct audio *audio;
    struct call call;    /* of the thread that levels: its arena and database */
    struct metric *done; /* counts what was levelled; may be NULL */
    char after[64];      /* where those begin that have not failed in this pass; "": all */
};

/* Levels a sound that waits for it, the longest first. STATUS_NOT_FOUND when none does: the pass is
 * over, and the next begins with all that wait. One that fails now, for want of disk, say, is told
 * and passed over until then; one whose file the workers can't stand stays as it is, and is said to
 * be levelled. Else as levels_find. */
MUST_CHECK enum status level_next(struct level *level);
