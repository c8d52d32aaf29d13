/* SPDX-License-Identifier: MIT */
/* What became of uploads, as metrics. */
#pragma once

#include "lib/base/metrics.h"

/* COUNT_ROW(name, label) */
#define SOUND_REFUSALS(COUNT_ROW)                                                                  \
    COUNT_ROW(TOO_LARGE, "too_large")                                                              \
    COUNT_ROW(TOO_LONG, "too_long")                                                                \
    COUNT_ROW(UNSUPPORTED, "unsupported")                                                          \
    COUNT_ROW(NO_ROOM, "no_room")     /* of the user's */                                          \
    COUNT_ROW(DISK_FULL, "disk_full") /* ours */                                                   \
    COUNT_ROW(FAILED, "failed")       /* something was away */

enum sound_refusal {
#define COUNT_ROW(name, label) SOUND_##name,
    SOUND_REFUSALS(COUNT_ROW)
#undef COUNT_ROW
        SOUND_REFUSAL_COUNT,
};

/* All zero counts nothing. */
struct sound_counts {
    struct metric *stored;
    struct metric *refused[SOUND_REFUSAL_COUNT];
};

/* metrics may be NULL. */
struct sound_counts sound_counts_make(struct metrics *metrics);
