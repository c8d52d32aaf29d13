/* SPDX-License-Identifier: MIT */
/* A thread that removes the speech that is old, and what the cache has too much of. Any number of
 * replicas may sweep one folder. */
#pragma once

#include "lib/base/metrics.h"

#include <stdint.h>

struct speech_sweeper;

struct speech_sweeper_options {
    int root;
    unsigned retention_seconds; /* of a file */
    uint64_t cache_bytes;       /* 0: there is no cache, and what is left of one goes */
    unsigned cache_seconds;     /* since a speech was made */
    struct metrics *metrics;    /* may be NULL */
};

/* Starts the thread, which sweeps at once. */
struct speech_sweeper *speech_sweeper_new(const struct speech_sweeper_options *options);

/* The cache has grown by bytes: sweeps soon when that is too much. From any thread. */
void speech_sweeper_note(struct speech_sweeper *sweeper, uint64_t bytes);

/* Takes NULL. */
void speech_sweeper_stop(struct speech_sweeper *sweeper);

AUTO_DEFINE(struct speech_sweeper *, speech_sweeper_stop)
