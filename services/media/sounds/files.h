/* SPDX-License-Identifier: MIT */
/* Sounds as files, "sounds/<user_id>/<filename>" below the media root. A file is whole and on the
 * disk before it has its name; one that is there is never written over. Until then it is a draft,
 * under a hidden name that is never served (files/root.h). user_id is a UUID in lower case,
 * filename a clean one (domain/filename.h). Functions that give STATUS_NO_SPACE do so when the disk
 * or a quota of it is full, and STATUS_UNAVAILABLE when it refuses otherwise. */
#pragma once

#include "lib/base/buffer.h"
#include "lib/base/status.h"
#include "services/media/domain/filename.h"

#include <stdbool.h>
#include <stdint.h>

#define SOUNDS_FOLDER "sounds"
#define DRAFT_NAME_SIZE sizeof(".tmp-0123456789abcdef")

struct draft {
    int folder; /* the user's */
    char name[DRAFT_NAME_SIZE];
    bool is_published;
};

/* Writes data to the disk. The draft is for draft_done to end. STATUS_NO_SPACE,
 * STATUS_UNAVAILABLE. */
MUST_CHECK enum status draft_write(int root, const char *user_id, struct slice data,
                                   struct draft *ret_draft);

/* Gives the draft its name, so that even a loss of power keeps it. STATUS_CONFLICT when a file of
 * that name is there; STATUS_NO_SPACE, STATUS_UNAVAILABLE: also then it may be published. */
MUST_CHECK enum status draft_publish(struct draft *draft, const char *filename);

/* Removes it, unless it was published. */
void draft_done(struct draft *draft);

/* Whether name is that of a draft. */
bool draft_name_is(const char *name);

/* Puts another file in the place of one that is there, at once and for good; to be called under the
 * owner's lock. STATUS_NO_SPACE, STATUS_UNAVAILABLE: then maybe, too. */
MUST_CHECK enum status files_replace(int root, const char *user_id, const char *filename,
                                     struct slice data);

/* Appends the file's content to out. STATUS_NOT_FOUND when there is none, STATUS_UNAVAILABLE when
 * it can't be read or is too large for out. */
MUST_CHECK enum status files_read(int root, const char *user_id, const char *filename,
                                  struct buffer *out);

/* A descriptor of the user's folder, for the caller to close; -1 with errno when there is none. */
MUST_CHECK int files_open_folder(int root, const char *user_id);

/* Whether there is surely no such file. */
bool files_is_missing(int root, const char *user_id, const char *filename);

/* Removes the user's folder with all that is in it, to be called under the owner's lock.
 * STATUS_UNAVAILABLE when it is still there after that. */
MUST_CHECK enum status files_erase(int root, const char *user_id, unsigned *ret_files);
