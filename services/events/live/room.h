/* SPDX-License-Identifier: MIT */
/* One live and the users who watch it: turns what happens there into each user's events. Not
 * thread-safe: rooms.h locks. */
#pragma once

#include "services/events/domain/live_event.h"
#include "services/events/live/publisher.h"
#include "services/events/live/reactor.h"

#include <stdbool.h>
#include <stdint.h>

#define ROOM_WATCHERS_MAX 10000

struct room;

/* What rooms share. */
struct room_context {
    struct publisher *publisher;
    struct reactor *reactor;
    struct recorder *recorder; /* NULL: nothing is written down */
    struct arena *arena;       /* for one event; reset by whoever hands the event in */
    struct arena *scratch;     /* for what one watcher is sent of it */
};

struct room *room_new(const char *name, const struct room_context *context);

const char *room_name(const struct room *room);

/* The live is this replica's until then at least. */
void room_keep(struct room *room, int64_t until_ms);

/* ---- watchers ---- */

/* The first of those who watch; the others by its `next`. NULL when nobody does. */
struct watcher *room_watchers(const struct room *room);

/* Lets in a watcher who is in no room. False when the room is full. */
MUST_CHECK bool room_enter(struct room *room, struct watcher *watcher);

/* Takes the watcher out of its room. */
void room_leave(struct watcher *watcher);

/* Tells the watcher the state of the connection when it is new in its room, or asked for that later
 * than ever before (wanted_us, since 1970). */
void room_tell_state(struct watcher *watcher, int64_t wanted_us);

/* ---- what is known of the live's viewers from before this replica served it ---- */

/* Whether nobody has loaded it, or is about to. */
bool room_misses_viewers(const struct room *room);

/* Somebody loads it, or has failed to. */
void room_expect_viewers(struct room *room, bool is_expected);

/* Adds to what is known. */
void room_take_viewers(struct room *room, const struct viewer_memory *viewers, size_t count);

/* ---- what happens ---- */

void room_take_event(struct room *room, const struct live_event *event, int64_t now_ms);

/* The connection's state changed: a state and a message for people; code (one of the contract's)
 * where it is an error, else NULL. */
void room_take_state(struct room *room, const char *state, const char *message, const char *code);

/* Ends what is due. False when the live is no longer this replica's. */
bool room_sweep(struct room *room, int64_t now_ms);

/* Nobody is in it. Takes NULL. */
void room_free(struct room *room);
