/* SPDX-License-Identifier: MIT */
/* A service's outbox relay on the bus: what it publishes goes to the stream EVT. */
#pragma once

#include "lib/bus/bus.h"
#include "lib/pg/outbox.h"

struct relay;

/* Starts it. Arguments are borrowed. */
struct relay *relay_start(struct bus *bus, const struct pg_options *database, const char *schema,
                          struct metrics *metrics);

/* As outbox_relay_nudge, in the form of on_news. Takes NULL. */
void relay_nudge(void *closure);

/* After what has been written is published, if the bus takes it. Takes NULL. */
void relay_stop(struct relay *relay);
