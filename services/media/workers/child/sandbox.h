/* SPDX-License-Identifier: MIT */
/* Shuts the process in, in two steps: first its files, before a library starts threads (Landlock
 * holds for the calling thread and those it starts later), then its system calls, in all threads.
 * In the end it may read and write the descriptors that it has, take memory, and exit. No network,
 * no new processes or threads, no signals to others, no executable memory; anything else kills it.
 *
 * espeak-ng reads a language's dictionary when a text first switches to that language. Where the
 * kernel has Landlock, files below a data folder may therefore be opened to read for good;
 * elsewhere opening fails in the end. */
#pragma once

#include "lib/base/macros.h"

#include <stdbool.h>
#include <stdint.h>

/* From here on only files below path can be opened, and only to read; with NULL none can. False
 * where the kernel has no Landlock. */
MUST_CHECK bool sandbox_confine_files(const char *path);

/* memory_max is bytes of address space. may_open says whether files may be opened for good, which
 * only those of a confined process should. False when the kernel refuses; the process must not go
 * on then. */
MUST_CHECK bool sandbox_close(bool may_open, uint64_t memory_max);
