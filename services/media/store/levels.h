/* SPDX-License-Identifier: MIT */
/* Which sounds wait to be levelled (sounds/leveller.h), and what came of it. */
#pragma once

#include "lib/api/call.h"

/* A sound that waits. */
struct unlevelled {
    const char *user_id;
    const char *filename;
    const char *created_at; /* as Postgres writes it: tells it from a later one of that name */
    int64_t bytes;
};

struct levelled {
    int64_t bytes;      /* of the file now */
    const char *format; /* of the file now; NULL: as it was */
    bool is_silent;     /* the next two are unknown then */
    double loudness_lufs;
    double peak_dbtp;
    double gain_db;
};

/* The one that waits longest of those that came after after (a created_at; NULL: of all).
 * STATUS_NOT_FOUND when none does. */
MUST_CHECK enum status levels_find(struct call *call, const char *after,
                                   struct unlevelled *ret_sound);

/* Under the owner's lock: STATUS_NOT_FOUND when it waits no longer. */
MUST_CHECK enum status levels_check(struct call *call, const struct unlevelled *sound);

MUST_CHECK enum status levels_write(struct call *call, const struct unlevelled *sound,
                                    const struct levelled *result);
