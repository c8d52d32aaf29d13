/* SPDX-License-Identifier: MIT */
/* Speech as files below the media root (disk.h), each by its path (path.h). */
#pragma once

#include "lib/base/buffer.h"
#include "lib/base/status.h"
#include "services/media/speech/path.h"

#include <stdint.h>

/* The media root as a descriptor, made with its speech folder where missing; -1, with errno, on
 * failure. The caller closes it. */
MUST_CHECK int speech_store_open(const char *root);

/* Writes the file, replacing one of that name. STATUS_NO_SPACE when the disk is full,
 * STATUS_UNAVAILABLE when it can't be written otherwise. */
MUST_CHECK enum status speech_store_put(int root, const struct speech_path *path,
                                        struct slice audio);

/* Removes the file, where there is one, and the user's folder when it is empty then. */
void speech_store_remove(int root, const struct speech_path *path);

/* Removes the user's folder with all files in it. STATUS_UNAVAILABLE when it is still there after
 * that. *ret_files says how many files went. */
MUST_CHECK enum status speech_store_erase(int root, const struct speech_folder *folder,
                                          unsigned *ret_files);

/* Removes speech whose id's time (of an id that tells none: the file's) is before before_ms (since
 * 1970), what an interrupted writing left behind, and the users' folders that are empty then.
 * Returns the number of files removed. Files whose ids tell their time are not looked at: they are
 * links to files that may be older (cache.h). */
unsigned speech_store_sweep(int root, int64_t before_ms);
