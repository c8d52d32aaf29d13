/* SPDX-License-Identifier: MIT */
/* Worker processes for many threads. A worker is started when it is first needed, with one argument
 * (an espeak-ng voice), and kept, so that arguments that take turns don't start one each time; when
 * too many are kept, the one idle longest makes room for another argument. A worker that crashes or
 * hangs is killed, and its request goes once more, to a fresh one. */
#pragma once

#include "lib/base/buffer.h"
#include "lib/base/metrics.h"
#include "lib/base/status.h"

#include <stdint.h>

#define WORKERS_KEPT_MAX(workers) (4 * (workers)) /* an idle ttb-voice takes 3 to 5 MB */

struct worker_pool;

struct worker_pool_options {
    const char *program;     /* "ttb-voice": beside our own executable; with a slash: that path */
    const char *name;        /* of the pool in metrics and the log: "voice" */
    unsigned workers;        /* at work at the same time, 1..64; up to WORKERS_KEPT_MAX are kept */
    unsigned time_limit_ms;  /* for one request; a worker that takes longer is killed */
    unsigned start_limit_ms; /* for a worker to become ready */
    bool is_background;      /* they run when nobody else wants the cores (SCHED_IDLE) */
    uint32_t answer_max;     /* bytes; a worker that claims more is killed */
    struct metrics *metrics; /* may be NULL */
};

struct worker_task {
    const char *argument; /* a constant, compared by its text; NULL: none */
    uint32_t code;
    struct slice head; /* the request's bytes: one after the other */
    struct slice body;
    int64_t deadline_ms; /* of clock_mono_ms, to begin: what has begun ends within the time limit */
};

/* Starts no worker yet. Options are copied, program and name are borrowed. */
struct worker_pool *worker_pool_new(const struct worker_pool_options *options);

/* Has a worker do the task; out, which is emptied first, holds the answer's bytes, none on
 * failure, and must have room for answer_max. STATUS_INVALID when the worker refused the request,
 * STATUS_TIMEOUT past the deadline, STATUS_UNAVAILABLE when no worker can be started,
 * STATUS_INTERNAL when the request brought down two workers. Call it from threads that live as long
 * as the pool: a worker is killed when the thread that started it ends (PR_SET_PDEATHSIG). */
MUST_CHECK enum status worker_pool_run(struct worker_pool *pool, const struct worker_task *task,
                                       struct buffer *out);

/* Breaks off what is under way, and refuses what comes: STATUS_UNAVAILABLE. */
void worker_pool_stop(struct worker_pool *pool);

/* No call may be under way. Takes NULL. */
void worker_pool_free(struct worker_pool *pool);

AUTO_DEFINE(struct worker_pool *, worker_pool_free)
