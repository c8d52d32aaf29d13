/* SPDX-License-Identifier: MIT */
/* Shuts the process in, in two steps: first its files, before a library starts threads (Landlock
 * holds for the calling thread and those it starts later), then its system calls, in all threads.
 * In the end it may read and write the descriptors that it has, take memory, and exit. No network,
 * no new processes, no signals to others, no executable memory; anything else kills it.
 *
 * espeak-ng reads a language's dictionary when a text first switches to that language. Where the
 * kernel has Landlock, files below the data folder may therefore be opened to read for good;
 * elsewhere opening fails in the end, and only the languages loaded before can be spoken. */
#pragma once

#include "lib/base/macros.h"

#include <stdbool.h>

/* From here on only files below path can be opened, and only to read. False where the kernel has no
 * Landlock. */
MUST_CHECK bool sandbox_confine_files(const char *path);

/* False when the kernel refuses; the process must not go on then. */
MUST_CHECK bool sandbox_close(bool files_are_confined);
