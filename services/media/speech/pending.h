/* SPDX-License-Identifier: MIT */
/* Which speech is being made, and who waits for it. A speech URL is known before the speech exists,
 * so its GET may come while it is made, and even before media was told to make it. Both tables are
 * bounded; paths are those of path.h. Any thread. */
#pragma once

#include "lib/base/metrics.h"
#include "lib/base/status.h"
#include "services/media/speech/path.h"

#include <stdbool.h>

struct pending;

struct pending_options {
    unsigned speeches_max; /* made at the same time */
    unsigned waiters_max;
    unsigned wait_ms;        /* for a speech that is being made */
    unsigned grace_ms;       /* for one that nobody has asked to be made yet */
    struct metrics *metrics; /* may be NULL */
};

/* Called once, from any thread, when the waiter should look for the file again, whether it is there
 * or not. Must not call back in here. */
typedef void pending_wake_fn(void *waiter);

enum pending_verdict {
    PENDING_WAIT,  /* wake will be called */
    PENDING_READY, /* it was made just now: look again */
    PENDING_GONE,  /* it failed, or no more may wait */
};

struct pending *pending_new(const struct pending_options *options);

/* A speech begins to be made. STATUS_CONFLICT when it is being made already, STATUS_UNAVAILABLE
 * when too many are. */
MUST_CHECK enum status pending_begin(struct pending *pending, const char *path);

/* It is there, or will never be: wakes who waits for it. Returns is_made, but false when it was
 * cancelled meanwhile: then the caller removes what it has made. */
bool pending_end(struct pending *pending, const char *path, bool is_made);

/* Nobody shall have what is being made in that folder, or was made there just now: wakes who waits
 * for it. */
void pending_cancel(struct pending *pending, const struct speech_folder *folder);

/* Unless PENDING_WAIT is returned, wake is never called. It may be called before this returns. */
MUST_CHECK enum pending_verdict pending_wait(struct pending *pending, const char *path,
                                             pending_wake_fn *wake, void *waiter);

/* Wakes all and lets nobody wait any more. */
void pending_stop(struct pending *pending);

/* Stops it as well. */
void pending_free(struct pending *pending);

AUTO_DEFINE(struct pending *, pending_free)
