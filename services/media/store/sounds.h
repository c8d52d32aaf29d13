/* SPDX-License-Identifier: MIT */
/* The rows of sounds. What changes them runs under the owner's lock (store/owners.h). */
#pragma once

#include "lib/api/call.h"
#include "lib/api/list.h"
#include "services/media/domain/filename.h"

struct sound {
    const char *filename;
    int64_t bytes;
    int64_t duration_ms;
    const char *format;
};

struct sound_totals {
    int64_t count;
    int64_t bytes;
};

MUST_CHECK enum status sounds_total(struct call *call, const char *user_id,
                                    struct sound_totals *ret_totals);

/* The first number from from on with which name (filename_number) is not taken. */
MUST_CHECK enum status sounds_free_number(struct call *call, const char *user_id,
                                          const struct filename *name, unsigned from,
                                          unsigned *ret_number);

/* One that waits to be levelled (store/levels.h). */
MUST_CHECK enum status sounds_insert(struct call *call, const char *user_id,
                                     const struct sound *sound);

/* Filenames (const char *), newest first. */
MUST_CHECK enum status sounds_list(struct call *call, const char *user_id, struct list *ret_names);

/* STATUS_NOT_FOUND, or STATUS_CONFLICT when a trigger plays it. */
MUST_CHECK enum status sounds_delete(struct call *call, const char *user_id, const char *filename);

/* Of these names those (const char *) that are no sound of the user. */
MUST_CHECK enum status sounds_unknown(struct call *call, const char *user_id,
                                      const struct filename *names, size_t count,
                                      struct list *ret_unknown);

/* Where a walk over all sounds stands; all zero at its start. */
struct sound_key {
    char user_id[40];
    struct filename filename;
};

/* Up to max keys (struct sound_key) after after, in the order of the table. */
MUST_CHECK enum status sounds_after(struct call *call, const struct sound_key *after, unsigned max,
                                    struct list *ret_keys);
