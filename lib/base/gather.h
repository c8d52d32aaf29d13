/* SPDX-License-Identifier: MIT */
/* Like work of many threads, done together: the first to come waits a moment for others, then does
 * it for all who came, in its own thread. For work that costs hardly more for ten than for one, as
 * a small statement to a database does; there it is known as group commit. */
#pragma once

#include "lib/base/status.h"

#include <stddef.h>

#define GATHER_MAX 64

struct gather;

/* Does the work of all items, each of which has room for its own result. context is that of the
 * thread that does it. The status goes to all whose items they are. */
typedef enum status (*gather_fn)(void *const *items, size_t count, void *context);

/* At most max items, 1..GATHER_MAX, are done together. */
struct gather *gather_new(gather_fn together, size_t max);

/* Returns when the item's work is done, by this thread or another; nobody else uses the item or
 * what it points to meanwhile. Who comes first waits up to wait_ms for others. */
MUST_CHECK enum status gather_run(struct gather *gather, void *item, void *context,
                                  unsigned wait_ms);

/* Nobody may be in gather_run. Takes NULL. */
void gather_free(struct gather *gather);
