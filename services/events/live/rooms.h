/* SPDX-License-Identifier: MIT */
/* All lives that this replica holds. One thread makes them follow the tables of watches and leases:
 * it claims what is wanted and free, connects, and lets go what nobody wants. What is in memory can
 * so be lost at any time and is built up again. */
#pragma once

#include "lib/base/metrics.h"
#include "lib/bus/bus.h"
#include "lib/pg/pg.h"
#include "services/events/config.h"

struct rooms;

struct rooms_options {
    struct bus *bus;
    const struct pg_options *database;
    const struct events_config *config;
    struct metrics *metrics;
};

/* STATUS_UNAVAILABLE while JetStream is away. options' members are borrowed for the life of rooms.
 */
MUST_CHECK enum status rooms_start(const struct rooms_options *options, struct rooms **ret_rooms);

/* The watches changed: look at them now rather than at the next second. */
void rooms_nudge(struct rooms *rooms);

/* Gives the leases back and closes the connections. Takes NULL. */
void rooms_stop(struct rooms *rooms);
