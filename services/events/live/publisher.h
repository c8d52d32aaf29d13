/* SPDX-License-Identifier: MIT */
/* Publishes events to JetStream as live.<user_id>, and numbers them. What JetStream has not
 * acknowledged is kept, and sent again until it has: in the order of publisher_send, for as long as
 * the stream would keep it (10 minutes) and up to 64 MiB; beyond that the oldest is given up. Sent
 * again it has the id that it had, so the stream takes it once. From any thread. */
#pragma once

#include "lib/base/metrics.h"
#include "lib/bus/bus.h"

struct publisher;

/* Makes the stream LIVE where it is missing (10 minutes, 1000 events a user; file storage), and
 * starts a thread. */
MUST_CHECK enum status publisher_new(struct bus *bus, struct metrics *metrics,
                                     struct publisher **ret_publisher);

/* The next sequence number: microseconds since 1970, but always more than the one before. So it
 * rises for each user also across restarts and moves to another replica, without a counter that
 * would have to be stored. */
int64_t publisher_next_seq(struct publisher *publisher);

/* Takes the event over, without waiting for anything. id, with the user, tells duplicates. */
void publisher_send(struct publisher *publisher, const char *user_id, const char *id,
                    struct slice event);

/* ---- how far it is ---- */

/* Events count from 1: the number of the latest that was taken over. */
int64_t publisher_position(struct publisher *publisher);

/* Every event up to this number is stored, or given up. */
int64_t publisher_settled(struct publisher *publisher);

/* fn is told from now on when publisher_settled has risen, at most every 10 ms, in the publisher's
 * thread. NULL: nobody is, and when this returns the last call has. It may not call publisher_free.
 */
void publisher_on_settled(struct publisher *publisher, void (*fn)(void *closure), void *closure);

/* ---- who may publish ---- */

/* Nothing is sent once the monotonic clock reads until_ms, until a later time is given. At first
 * there is no such time. */
void publisher_allow(struct publisher *publisher, int64_t until_ms);

/* Waits, wait_ms at most, until all that was taken over is settled; then gives up what is not.
 * While nothing may be sent there is nothing to wait for. Not for the thread that on_settled is
 * told in, nor for the library's. */
void publisher_flush(struct publisher *publisher, int64_t wait_ms);

/* Gives up what waits for the user, and removes the user's events from the stream, from which
 * sockets that come back are told what they missed. STATUS_UNAVAILABLE when that can't be done now.
 */
MUST_CHECK enum status publisher_purge(struct publisher *publisher, const char *user_id);

/* Waits, 3 s at most, until all is settled. Takes NULL. */
void publisher_free(struct publisher *publisher);
