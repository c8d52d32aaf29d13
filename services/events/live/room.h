/* SPDX-License-Identifier: MIT */
/* One live and the users who watch it: turns what happens there into each user's events. Not
 * thread-safe: rooms.h locks. */
#pragma once

#include "services/events/domain/live_event.h"
#include "services/events/live/publisher.h"
#include "services/events/live/speaker.h"

#include <stdbool.h>
#include <stdint.h>

#define ROOM_WATCHERS_MAX 10000

struct room;

/* What rooms share. */
struct room_context {
    struct publisher *publisher;
    struct speaker *speaker;
    unsigned speech_per_minute;
    struct arena *arena; /* for one event; reset by whoever hands the event in */
};

/* What of the live a user hears. */
struct watcher_settings {
    bool tts_enabled;
    const char *voice_id; /* copied */
};

struct room *room_new(const char *name, const struct room_context *context);

const char *room_name(const struct room *room);

/* ---- watchers ---- */

/* Adds or keeps a user until until_ms (monotonic), and tells it the state of the connection when it
 * is new, or asked for that later than ever before (state_wanted_us). True when the user is new, or
 * its settings are due to be asked for again. */
bool room_keep_watcher(struct room *room, const char *user_id, int64_t state_wanted_us,
                       int64_t now_ms, int64_t until_ms);

void room_update_settings(struct room *room, const char *user_id,
                          const struct watcher_settings *settings, int64_t now_ms);

/* Keeps everybody until until_ms at least. */
void room_keep_all(struct room *room, int64_t until_ms);

/* Drops those whose time is over, and ends what is due. False when nobody is left. */
bool room_sweep(struct room *room, int64_t now_ms);

/* ---- what happens ---- */

void room_take_event(struct room *room, const struct live_event *event, int64_t now_ms);

/* The connection's state changed: a state and a message for people; code (one of the contract's)
 * where it is an error, else NULL. */
void room_take_state(struct room *room, const char *state, const char *message, const char *code);

void room_free(struct room *room);
