/* SPDX-License-Identifier: MIT */
/* Watches and leases: who wants to see which live, and which replica holds its connection. */
#pragma once

#include "lib/base/arena.h"
#include "lib/pg/pg.h"

/* A watch lasts for WATCH_S after it was last renewed. A lease is kept for LINGER_S after the last
 * watch of its live was seen: users who come back soon, as when a gateway starts again, don't cost
 * a connection to TikTok. It may be taken over when it was not renewed for LEASE_S. All by the
 * clock of Postgres. */
#define WATCH_S 30
#define LINGER_S 15
#define LEASE_S 8

/* Who watches a live that a replica holds. */
struct watch {
    const char *user_id;     /* NULL: nobody does, at the moment */
    const char *username;    /* the streamer's */
    int64_t state_wanted_us; /* when the user last asked for the state, since 1970; 0: never */
    const char *previous;    /* who held the live until this very claim, if that was another */
};

/* How a user's wish came about. */
enum watch_wish {
    WATCH_RENEWED, /* a gateway still has a socket of the user's: what is watched goes on */
    WATCH_OPENED,  /* a socket opened: what is watched goes on, but for a pause, and is told */
    WATCH_CHOSEN,  /* this live, whatever was watched before, is watched, and told */
};

/* The user watches for WATCH_S from now: this live where none was watched. *ret_username is whose
 * live that is then, in the arena. */
MUST_CHECK enum status watches_upsert(struct pg *db, const char *user_id, const char *username,
                                      enum watch_wish wish, struct arena *arena,
                                      const char **ret_username);

/* The user watches nothing until the next choice or opened socket. */
MUST_CHECK enum status watches_pause(struct pg *db, const char *user_id);

/* What a user watches, and how that stands. */
struct watched {
    const char *username;
    const char *state;   /* "" while no replica has said */
    const char *message; /* likewise */
};

/* STATUS_NOT_FOUND when it is nothing. */
MUST_CHECK enum status watches_find(struct pg *db, const char *user_id, struct arena *arena,
                                    struct watched *ret_watched);

/* The user wants nothing any more. *ret_count says whether there was a watch: 0 or 1. */
MUST_CHECK enum status watches_delete(struct pg *db, const char *user_id, int64_t *ret_count);

/* What a replica holds after a claim; a live that nobody watches has one row. First what it held or
 * what was free, then what was taken over, one previous replica after another; by names. In an
 * arena. */
struct claim {
    const struct watch *watches;
    size_t count;
    unsigned replicas; /* that have claimed in the last LEASE_S, this one among them; 1 when it
                          holds nothing */
};

/* Renews owner's leases, and takes those of lives that somebody watches and nobody holds; with
 * may_take_over also those that their owner has not renewed. It takes no more than its share: all
 * lives that are watched, divided by the replicas that have claimed in the last LEASE_S, rounded
 * up; what it has beyond that it keeps. Leases and watches that ran out are forgotten. */
MUST_CHECK enum status streams_claim(struct pg *db, const char *owner, bool may_take_over,
                                     struct arena *arena, struct claim *ret_claim);

struct stream_state {
    const char *username;
    const char *state;
    const char *message;
};

/* How the live's connection stands; nothing when there is no lease of it. */
MUST_CHECK enum status streams_set_state(struct pg *db, const struct stream_state *state);

/* Removes the leases that nobody has renewed for long, with the names in them, and the replicas
 * that are gone. */
MUST_CHECK enum status streams_forget_old(struct pg *db);

/* Gives all of owner's leases back, so that others can take them at once. */
MUST_CHECK enum status streams_release(struct pg *db, const char *owner);
