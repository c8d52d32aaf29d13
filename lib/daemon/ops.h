/* SPDX-License-Identifier: MIT */
/* The ops port of a daemon: /healthz (the process answers), /readyz (it may serve: 200, or 503 with
 * the reason) and /metrics, to which it adds what all daemons show of themselves; for the
 * operator's network only. */
#pragma once

#include "lib/base/buffer.h"
#include "lib/base/metrics.h"
#include "lib/base/status.h"

#include <stdbool.h>

struct ops;

/* Whether the daemon may serve; a short reason while it does not. Called from the ops port's
 * thread. */
typedef bool (*ops_ready_fn)(void *closure, const char **ret_reason);

/* Listens. STATUS_CONFLICT when the port is taken. */
MUST_CHECK enum status ops_start(const char *host, unsigned port, struct metrics *metrics,
                                 ops_ready_fn ready, void *closure, struct ops **ret_ops);

/* Asks a daemon's /readyz over HTTP, for --health. Adds what it says, the reason for its no too;
 * nothing when nobody answers. */
MUST_CHECK bool ops_ask_ready(const char *host, unsigned port, struct buffer *answer);
MUST_CHECK bool ops_is_ready(const char *host, unsigned port);

/* Takes NULL. */
void ops_stop(struct ops *ops);
