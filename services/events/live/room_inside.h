/* SPDX-License-Identifier: MIT */
/* What a room is made of: room.c has its watchers and its state, room_events.c what happens in it.
 * For these two. */
#pragma once

#include "services/events/domain/chat_log.h"
#include "services/events/domain/crowd.h"
#include "services/events/live/room.h"

#define ROOM_ID_MAX 96 /* of an event's id */

struct room {
    char *name;
    struct room_context context;
    struct streaks *streaks;
    struct buffer json;
    struct watcher *watchers; /* the newest first */
    unsigned count;
    int64_t until_ms; /* it is known to be ours until then */

    /* The latest state, for users who come later. */
    const char *state;
    char *message;

    /* A clock that stands still while nothing comes, by which streaks end: that TikTok is silent,
     * or the connection away, says nothing about them. */
    int64_t active_ms;
    int64_t event_ms; /* when something came last, monotonic; 0: never */

    struct crowd *crowd;
    bool expects_viewers; /* those of before are loaded, or being so */
    struct chat_log chats;

    /* Numbers of this live; the next one of that name begins anew. */
    int64_t live_id;           /* TikTok's room; 0: nothing has come yet */
    int64_t likes;             /* the total: the largest seen, since TikTok's servers disagree */
    struct live_event viewers; /* the latest count */
    bool has_viewers;          /* one came */
    bool viewers_wait;         /* it was not told yet */
    int64_t viewers_ms;        /* when one was last told */
};

/* ---- sending to one watcher: make the envelope, write room->json, send it ----
 * What is made for one watcher is in the scratch arena, which the next envelope wipes: however many
 * watch, no more memory is needed than for one. */

struct event_envelope room_envelope(struct room *room, const char *id);
void room_send(struct room *room, const struct watcher *watcher, const char *id);

/* The room's clock of activity. */
int64_t room_active_ms(const struct room *room, int64_t now_ms);

/* Tells the latest count of viewers, when it is time. */
void room_tell_viewers(struct room *room, int64_t now_ms);

/* A step of a gift's streak: what streaks call. closure is the room. */
void room_take_step(void *closure, const struct streak_step *step);
