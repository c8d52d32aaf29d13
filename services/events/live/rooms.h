/* SPDX-License-Identifier: MIT */
/* All lives that this replica serves, and who watches them; a user watches one at most. Whoever
 * uses it says what the tables hold; what is in memory can so be lost at any time and is built up
 * again. From any thread. */
#pragma once

#include "lib/base/metrics.h"
#include "services/events/live/room.h"
#include "services/events/store/streams.h"

#include <stdbool.h>
#include <stdint.h>

struct rooms;

/* All but metrics is borrowed for the life of rooms. */
struct rooms_options {
    struct publisher *publisher;
    struct reactor *reactor;
    struct recorder *recorder; /* NULL: nothing is written down */
    /* A live is served from now on, or no longer. Called under the lock: must not call back. */
    void (*on_open)(void *closure, const char *name);
    void (*on_close)(void *closure, const char *name);
    void *closure;
    struct metrics *metrics;
};

struct rooms *rooms_new(const struct rooms_options *options);

/* ---- following the tables ---- */

/* Whether a user's profile is to be loaded now: rooms_take_profile must follow. */
enum rooms_wish {
    ROOMS_KNOWN,
    ROOMS_WANT_PROFILE, /* it is old, or has changed */
    ROOMS_WANT_ALL,     /* with what is remembered of the live's viewers */
};

/* The watch stands: the user, who is not NULL, is in the room of that live, and has left any other.
 */
enum rooms_wish rooms_keep(struct rooms *rooms, const struct watch *watch, int64_t now_ms);

/* The user's settings or triggers changed. Where the live's viewers are still to be loaded, this
 * waits for rooms_keep. */
enum rooms_wish rooms_renew(struct rooms *rooms, const char *user_id);

/* The live is ours, whoever watches it: its room stays, if there is one. */
void rooms_keep_open(struct rooms *rooms, const char *name, int64_t now_ms);

/* All rooms that are here, and everybody in them, are trusted to stay until until_ms at least. */
void rooms_keep_all(struct rooms *rooms, int64_t until_ms);

/* Lets go those who were last kept before now_ms, and closes the rooms that were. Returns how many
 * it closed. */
size_t rooms_sweep(struct rooms *rooms, int64_t now_ms);

/* The live is another's: closes its room at once, if there is one. */
void rooms_lose(struct rooms *rooms, const char *name);

/* Lets the user go. */
void rooms_forget(struct rooms *rooms, const char *user_id);

/* What was loaded for a user. */
struct rooms_loaded {
    struct profile *profile; /* NULL: it could not be; what is known stands. Is taken */
    const struct firing *firings;
    size_t firing_count;
    const struct viewer_memory *viewers; /* of the streamer's lives; NULL: not loaded */
    size_t viewer_count;
};

void rooms_take_profile(struct rooms *rooms, const char *user_id,
                        const struct rooms_loaded *loaded);

/* ---- what happens in a live; nothing where nobody is ---- */

void rooms_take_event(struct rooms *rooms, const char *name, const struct live_event *event);
void rooms_take_state(struct rooms *rooms, const char *name, const char *state, const char *message,
                      const char *code);

/* Takes NULL. */
void rooms_free(struct rooms *rooms);
