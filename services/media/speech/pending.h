/* SPDX-License-Identifier: MIT */
/* Which speech is being made, and who waits for it. A speech URL is known before the speech exists,
 * so its GET may come while it is made, before we are told to make it, and to a replica that never
 * is: for speech that was asked for just now, by the time in its id, we look ourselves until
 * somebody has made it. All is bounded; paths are those of path.h. Any thread. */
#pragma once

#include "lib/base/metrics.h"
#include "lib/base/status.h"
#include "services/media/speech/path.h"

#include <stdbool.h>

struct pending;

struct pending_options {
    int root;                /* where files appear; borrowed */
    unsigned speeches_max;   /* made at the same time */
    unsigned waiters_max;    /* requests that may wait */
    unsigned strangers_max;  /* of them, for what nobody here makes */
    unsigned wait_ms;        /* at most; and how far from now the time of a stranger's id may be */
    struct metrics *metrics; /* may be NULL */
};

/* Called once, from any thread, when the waiter should look for the file again, whether it is there
 * or not. Must not call back in here. */
typedef void pending_wake_fn(void *waiter);

enum pending_verdict {
    PENDING_WAIT,  /* wake will be called */
    PENDING_READY, /* it was made just now: look again */
    PENDING_GONE,  /* it failed (pending_reason), nobody makes it, or no more may wait */
};

struct pending *pending_new(const struct pending_options *options);

/* A speech begins to be made. STATUS_CONFLICT when it is being made already, STATUS_NOT_FOUND when
 * it was withdrawn, STATUS_UNAVAILABLE when too many are being made. */
MUST_CHECK enum status pending_begin(struct pending *pending, const char *path);

/* What has begun is there (STATUS_OK), or will never be: wakes who waits for it. Returns whether it
 * is there and wanted. It is not wanted when it was cancelled or withdrawn meanwhile: then the
 * caller removes what it has made. */
bool pending_end(struct pending *pending, const char *path, enum status status);

/* Nobody shall have what is being made in that folder, or was made there just now: wakes who waits
 * for it. */
void pending_cancel(struct pending *pending, const struct speech_folder *folder);

/* Nobody shall have that speech, whether it is made, will be, or nobody here has heard of it, nor
 * begin it while this is remembered: wakes who waits for it. */
void pending_withdraw(struct pending *pending, const char *path);

/* Unless PENDING_WAIT is returned, wake is never called. It may be called before this returns. */
MUST_CHECK enum pending_verdict pending_wait(struct pending *pending, const char *path,
                                             pending_wake_fn *wake, void *waiter);

/* Why there is no such file: STATUS_NO_SPACE when it could not be stored lately, else
 * STATUS_NOT_FOUND. */
MUST_CHECK enum status pending_reason(struct pending *pending, const char *path);

/* Wakes all and lets nobody wait any more. */
void pending_stop(struct pending *pending);

/* Stops it as well. Takes NULL. */
void pending_free(struct pending *pending);

AUTO_DEFINE(struct pending *, pending_free)
