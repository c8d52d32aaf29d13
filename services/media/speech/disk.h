/* SPDX-License-Identifier: MIT */
/* Files of speech by their paths below the media root. A file is whole from the moment it has its
 * name: until then it has a hidden one beside it, which nothing serves. Nothing is synced: all of
 * it can be made again. Folders are made where they are missing, so that a sweeper may remove them
 * at any time. */
#pragma once

#include "lib/base/buffer.h"
#include "lib/base/status.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

/* Writes the file, replacing one of that name. STATUS_NO_SPACE when the disk is full,
 * STATUS_UNAVAILABLE when it can't be written otherwise. */
MUST_CHECK enum status speech_disk_write(int root, const char *path, struct slice data);

/* The same with another file's content. STATUS_NOT_FOUND when that is not there. */
MUST_CHECK enum status speech_disk_copy(int root, const char *from, const char *path);

/* Gives a file one more name, which may be another's so far. 0, or the errno: ENOENT when the file
 * is not there; others when this file, or this disk, can't have more names. */
MUST_CHECK int speech_disk_link(int root, const char *from, const char *path);

/* NULL when there is no such folder. The caller closes it. */
DIR *speech_disk_open_folder(int parent, const char *name);

AUTO_DEFINE(DIR *, closedir)

/* Whether name is a hidden one that an interrupted writing left behind: a minute ago, or longer. */
bool speech_disk_is_left_behind(int folder, const char *name, int64_t now_s);
