/* SPDX-License-Identifier: MIT */
/* The lives that this replica holds: makes its rooms follow the table of leases and the word of
 * other replicas, and lets the publisher speak only while they are its own. docs/adr/0016 says by
 * what rules. */
#pragma once

#include "services/events/live/rooms.h"

struct leases;

/* All but database's options is borrowed for the life of the leases. */
struct leases_options {
    struct bus *bus;
    const struct pg_options *database;
    struct publisher *publisher;
    struct rooms *rooms;
    /* The user watches this live of ours: the room is to keep him. In the thread that looks. */
    void (*on_watch)(void *closure, const struct watch *watch, int64_t now_ms);
    /* It is time to look again. In the library's thread: must not wait. */
    void (*on_call)(void *closure);
    void *closure;
    struct metrics *metrics;
};

/* None yet. STATUS_UNAVAILABLE while NATS is away. */
MUST_CHECK enum status leases_open(const struct leases_options *options,
                                   struct leases **ret_leases);

/* Claims what is wanted and free, renews what is ours, and lets go what is not. Once a second at
 * least, in one thread; some seconds pass when Postgres does not answer. */
void leases_look(struct leases *leases, struct arena *arena);

/* How many replicas share the lives, this one among them, as far as the last look could tell. In
 * the thread that looks. */
unsigned leases_replicas(const struct leases *leases);

/* Gives all leases back, and calls upon the other replicas to take them. After the last look, and
 * when what was heard of the lives is stored. */
void leases_give_back(struct leases *leases);

/* No callback comes after it. Takes NULL. */
void leases_close(struct leases *leases);
