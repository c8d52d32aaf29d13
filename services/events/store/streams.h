/* SPDX-License-Identifier: MIT */
/* Watches and leases: who wants to see which live, and which replica holds its connection. */
#pragma once

#include "lib/base/arena.h"
#include "lib/pg/pg.h"

/* A watch lasts for WATCH_S after it was last renewed; a lease may be taken over when it was not
 * renewed for LEASE_S. */
#define WATCH_S 30
#define LEASE_S 15

struct watch {
    const char *user_id;
    const char *username;    /* the streamer's */
    int64_t state_wanted_us; /* when the user last asked for the state, since 1970; 0: never */
};

/* The user wants this live, and no other, for WATCH_S from now; wants_state: and to be told its
 * state. */
MUST_CHECK enum status watches_upsert(struct pg *db, const char *user_id, const char *username,
                                      bool wants_state);

/* The user wants nothing any more. *ret_count says whether there was a watch: 0 or 1. */
MUST_CHECK enum status watches_delete(struct pg *db, const char *user_id, int64_t *ret_count);

/* Takes or renews the lease of each live that somebody watches and that no other replica holds,
 * forgets the watches that ran out, and lists the watches of the lives that owner now holds. */
MUST_CHECK enum status streams_claim(struct pg *db, const char *owner, struct arena *arena,
                                     struct watch **ret_watches, size_t *ret_count);

/* Removes the leases that nobody has renewed for long, with the names in them. */
MUST_CHECK enum status streams_forget_old(struct pg *db);

/* Gives all of owner's leases back, so that another replica can take them at once. */
MUST_CHECK enum status streams_release(struct pg *db, const char *owner);
