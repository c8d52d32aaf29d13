/* SPDX-License-Identifier: MIT */
/* A bulkhead: some worker threads behind one bounded queue. A flood of one kind of work fills its
 * own pool only. */
#pragma once

#include "lib/base/metrics.h"
#include "lib/base/status.h"

#include <stdbool.h>
#include <stddef.h>

struct pool;

struct pool_job {
    void (*run)(struct pool_job *job,
                void *worker); /* frees the job; worker is what start_worker gave */
    struct pool_job *next;     /* the pool's own */
};

struct pool_options {
    const char *name;
    unsigned workers;
    unsigned queue_max; /* jobs waiting, without those being run */
    void *closure;
    void *(*start_worker)(void *closure);             /* in the worker's thread; may be NULL */
    void (*stop_worker)(void *worker, void *closure); /* may be NULL */
    struct metrics *metrics;                          /* may be NULL */
};

struct pool *pool_new(const struct pool_options *options);

/* STATUS_UNAVAILABLE, at once, when the queue is full or the pool is stopping; the job stays the
 * caller's then. From any thread. */
MUST_CHECK enum status pool_add(struct pool *pool, struct pool_job *job);

/* Takes no more jobs, runs those it has, joins the workers. Takes NULL. */
void pool_stop(struct pool *pool);

void pool_free(struct pool *pool);
