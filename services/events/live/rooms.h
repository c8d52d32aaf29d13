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
    struct speaker *speaker;
    unsigned speech_per_minute;
    /* A live is served from now on, or no longer. Called under the lock: must not call back. */
    void (*on_open)(void *closure, const char *name);
    void (*on_close)(void *closure, const char *name);
    void *closure;
    struct metrics *metrics;
};

struct rooms *rooms_new(const struct rooms_options *options);

/* ---- following the tables ---- */

/* The watch stands: the user is in the room of that live, and has left any other. True when the
 * user's settings should be asked for now: rooms_take_settings must follow. */
bool rooms_keep(struct rooms *rooms, const struct watch *watch, int64_t now_ms);

/* Everybody who is here is trusted until until_ms at least. */
void rooms_keep_all(struct rooms *rooms, int64_t until_ms);

/* Lets go those who were last kept before now_ms, and closes the rooms that nobody needs. */
void rooms_sweep(struct rooms *rooms, int64_t now_ms);

/* Lets the user go. */
void rooms_forget(struct rooms *rooms, const char *user_id);

/* What auth said of the user; NULL: nothing yet. */
void rooms_take_settings(struct rooms *rooms, const char *user_id,
                         const struct watcher_settings *settings);

/* ---- what happens in a live; nothing where nobody is ---- */

void rooms_take_event(struct rooms *rooms, const char *name, const struct live_event *event);
void rooms_take_state(struct rooms *rooms, const char *name, const char *state, const char *message,
                      const char *code);

/* Takes NULL. */
void rooms_free(struct rooms *rooms);
