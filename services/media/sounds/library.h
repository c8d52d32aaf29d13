/* SPDX-License-Identifier: MIT */
/* A user's sounds: rows in the database and files on the disk, which change together, under the
 * owner's lock. A sound's file comes before its row is committed, and goes after its row is gone:
 * whenever a daemon dies, and however the commit ends, no row lacks its file; a file that lacks its
 * row is removed by the sweeper (sweep.h). Each function begins and ends its transactions. */
#pragma once

#include "lib/api/call.h"
#include "services/media/sounds/files.h"
#include "services/media/store/sounds.h"

#include <stdint.h>

struct library {
    int root;           /* the media root */
    int64_t sounds_max; /* of a user */
    int64_t bytes_max;
};

struct new_sound {
    struct filename name; /* wished for */
    struct slice file;
    struct sound about; /* but for filename and bytes */
};

/* Stores the sound, and gives the name that it got. STATUS_CONFLICT, with the call's error set,
 * when the user has no room for it; STATUS_NO_SPACE when the disk has none; STATUS_UNAUTHENTICATED
 * when the user is erased. After STATUS_UNAVAILABLE it may be there nevertheless. */
MUST_CHECK enum status library_add(const struct library *library, struct call *call,
                                   const char *user_id, const struct new_sound *sound,
                                   struct filename *ret_name);

/* STATUS_NOT_FOUND, or STATUS_CONFLICT when a trigger plays it. */
MUST_CHECK enum status library_delete(const struct library *library, struct call *call,
                                      const char *user_id, const char *filename);

/* Notes that the trigger plays that sound, or, with NULL, none. STATUS_NOT_FOUND when there is no
 * such sound. */
MUST_CHECK enum status library_use(struct call *call, const char *user_id, const char *trigger_id,
                                   const char *filename);

/* Removes those of the user's files that belong to no sound, nor to one that is being added. */
MUST_CHECK enum status library_remove_orphans(int root, struct call *call, const char *user_id,
                                              const struct filename *names, size_t count,
                                              unsigned *ret_removed);
