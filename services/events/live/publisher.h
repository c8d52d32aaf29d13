/* SPDX-License-Identifier: MIT */
/* Publishes events to JetStream as live.<user_id>, and numbers them. */
#pragma once

#include "lib/base/metrics.h"
#include "lib/bus/bus.h"

struct publisher;

/* Makes the stream LIVE where it is missing (10 minutes, 1000 events a user; file storage). */
MUST_CHECK enum status publisher_new(struct bus *bus, struct metrics *metrics,
                                     struct publisher **ret_publisher);

/* The next sequence number: microseconds since 1970, but always more than the one before. So it
 * rises for each user also across restarts and moves to another replica, without a counter that
 * would have to be stored. */
int64_t publisher_next_seq(struct publisher *publisher);

/* Sends without waiting; an event that JetStream does not take is counted. id, with the user, tells
 * duplicates. */
void publisher_send(struct publisher *publisher, const char *user_id, const char *id,
                    struct slice event);

/* Removes the user's events from the stream, from which sockets that come back are told what they
 * missed. STATUS_UNAVAILABLE when that can't be done now. */
MUST_CHECK enum status publisher_purge(struct publisher *publisher, const char *user_id);

/* Waits a moment for outstanding acknowledgements. Takes NULL. */
void publisher_free(struct publisher *publisher);
