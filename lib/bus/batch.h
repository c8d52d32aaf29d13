/* SPDX-License-Identifier: MIT */
/* Publishing many messages to JetStream at once, each acknowledged. Internal to lib/bus. */
#pragma once

#include "lib/bus/bus.h"

struct batch;

/* A JetStream context of its own: what others publish there does not count. NULL when the library
 * refuses. */
struct batch *batch_new(natsConnection *connection);

/* As bus_publish_batch. Many threads take turns. */
MUST_CHECK enum status batch_publish(struct batch *batch, const struct bus_event *events,
                                     size_t count, int64_t timeout_ms);

/* The bus's own. */
struct batch *bus_batch(struct bus *bus);

/* After the connection is closed: no callback comes then. Takes NULL. */
void batch_free(struct batch *batch);
