/* SPDX-License-Identifier: MIT */
/* Opens files below the media root and nothing else. */
#pragma once

#include "lib/base/macros.h"

#include <stdbool.h>
#include <stdint.h>

#define ETAG_SIZE 64

struct media_file {
    int fd;
    uint64_t size;
    char etag[ETAG_SIZE]; /* a strong one, quoted; changes when the file is replaced or written */
};

/* Opens a regular file by its path below root to read. The kernel refuses to leave the root or to
 * follow a symbolic link; paths with an empty or hidden component ("..", ".tmp") are not looked at.
 * False when there is no such file; the caller closes fd. */
MUST_CHECK bool root_open_file(int root, const char *path, struct media_file *ret_file);
