/* SPDX-License-Identifier: MIT */
/* Sweeps the sounds (sweep.h) when it starts and then every interval, in a thread with a connection
 * of its own; and once for an operator. */
#pragma once

#include "lib/base/metrics.h"
#include "lib/pg/pg.h"

struct sweeper;

struct sweeper_options {
    int root;                          /* the media root; borrowed */
    const struct pg_options *database; /* borrowed */
    unsigned interval_s;
    struct metrics *metrics; /* may be NULL */
};

struct sweeper *sweeper_start(const struct sweeper_options *options);

/* Soon, in the middle of a sweep, too. Takes NULL. */
void sweeper_stop(struct sweeper *sweeper);

/* `ttb-media sweep`, a struct daemon_command's run: prints what was removed. */
int sweeper_command(const void *config, const char *const *arguments);
