/* SPDX-License-Identifier: MIT */
/* A user who watches a live: room.h says what of it the user is sent, rooms.h for how long. */
#pragma once

#include "lib/base/uuid.h"
#include "services/events/domain/budget.h"
#include "services/events/domain/firings.h"
#include "services/events/domain/playback.h"
#include "services/events/live/profile.h"

#include <stdint.h>

#define WATCHER_SPEECH_MAX 32

/* Speech that was asked for, so that it can be taken back. */
struct watcher_speech {
    int64_t msg_id; /* the chat message's */
    struct uuid id;
};

struct watcher {
    struct uuid user_id;
    struct room *room; /* NULL: in none */
    struct watcher *next, *previous;

    int64_t until_ms;        /* monotonic; the watch was last seen then, or is trusted until then */
    int64_t state_wanted_us; /* -1: not told in this room yet */

    bool is_asking;          /* the profile is being loaded */
    bool asks_for_room;      /* with what is known of the room's viewers */
    int64_t due_ms;          /* monotonic; when to load it again */
    struct profile *profile; /* NULL: not known yet, and nothing is heard */
    struct firings *firings;
    struct playback playback;
    struct budget speech;
    struct watcher_speech spoken[WATCHER_SPEECH_MAX]; /* the latest; a ring */
    size_t next_spoken;
};

struct watcher *watcher_new(const char *user_id);

/* Takes the profile. */
void watcher_set_profile(struct watcher *watcher, struct profile *profile);

/* It is in no room. */
void watcher_free(struct watcher *watcher);
