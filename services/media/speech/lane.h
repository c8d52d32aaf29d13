/* SPDX-License-Identifier: MIT */
/* Threads that take texts from a queue of their own (queue.h), so that what is slow in one lane
 * holds up nothing in another. */
#pragma once

#include "services/media/speech/queue.h"

struct lane;

/* Owns the job. */
typedef void lane_run_fn(void *closure, struct speech_job *job);

struct lane_options {
    unsigned threads;   /* 1 at least */
    unsigned queue_max; /* texts that may wait */
    lane_run_fn *run;
    void *closure;
    struct metrics *metrics; /* may be NULL */
    const char *labels;      /* of its metrics */
};

/* Starts the threads. */
struct lane *lane_new(const struct lane_options *options);

/* Takes ownership of job, unless it returns false: too many wait, or the lane is closed. */
MUST_CHECK bool lane_add(struct lane *lane, struct speech_job *job);

/* Takes no more, finishes what waits, ends the threads, and frees. Takes NULL. */
void lane_stop(struct lane *lane);
