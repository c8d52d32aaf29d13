/* SPDX-License-Identifier: MIT */
/* A user who watches a live: room.h says what of it the user is sent, rooms.h for how long. */
#pragma once

#include "lib/base/uuid.h"
#include "services/events/domain/budget.h"

#include <stdint.h>

/* What of the live a user hears. */
struct watcher_settings {
    bool tts_enabled;
    const char *voice_id; /* copied */
};

struct watcher {
    struct uuid user_id;
    struct room *room; /* NULL: in none */
    struct watcher *next, *previous;

    int64_t until_ms;        /* monotonic; the watch was last seen then, or is trusted until then */
    int64_t state_wanted_us; /* -1: not told in this room yet */

    bool is_asking;   /* the settings are being asked for */
    int64_t due_ms;   /* monotonic; when to ask for them again */
    bool tts_enabled; /* false until they are known */
    char *voice_id;
    struct budget speech;
};

struct watcher *watcher_new(const char *user_id);

void watcher_update(struct watcher *watcher, const struct watcher_settings *settings);

/* It is in no room. */
void watcher_free(struct watcher *watcher);
