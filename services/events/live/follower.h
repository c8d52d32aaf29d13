/* SPDX-License-Identifier: MIT */
/* Makes this replica's rooms follow the tables of watches and leases: one thread claims what is
 * wanted and free, connects, and lets go what nobody wants. */
#pragma once

#include "lib/base/metrics.h"
#include "lib/bus/bus.h"
#include "lib/pg/pg.h"
#include "services/events/config.h"
#include "services/events/live/publisher.h"
#include "services/events/live/reactor.h"

struct follower;

struct follower_options {
    struct bus *bus;
    const struct pg_options *database;
    const struct events_config *config;
    struct metrics *metrics;
};

/* STATUS_UNAVAILABLE while JetStream is away. options' members are borrowed for the life of the
 * follower. */
MUST_CHECK enum status follower_start(const struct follower_options *options,
                                      struct follower **ret_follower);

/* The watches changed: look at them now rather than at the next second. */
void follower_nudge(struct follower *follower);

/* The user's triggers changed: every replica hears of it. */
void follower_tell_changed(struct follower *follower, const char *user_id);

/* The user chose a live over HTTP, or left it (NULL): gateways hear of it. */
void follower_tell_watched(struct follower *follower, const char *user_id, const char *username);

/* Lets the user go, whose watch is gone, before the next look at the tables, and removes the events
 * that were sent. STATUS_UNAVAILABLE while JetStream is away. */
MUST_CHECK enum status follower_forget(struct follower *follower, const char *user_id);

/* For handlers that send events of their own. */
struct publisher *follower_publisher(struct follower *follower);
struct reactor *follower_reactor(struct follower *follower);

/* Gives the leases back and closes the connections. Takes NULL. */
void follower_stop(struct follower *follower);
