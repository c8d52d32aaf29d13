/* SPDX-License-Identifier: MIT */
#include "services/events/live/room_inside.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"

#include <assert.h>
#include <stdio.h>

#define EVENT_MAX_BYTES (64 * 1024)

struct room *room_new(const char *name, const struct room_context *context)
{
    struct room *room = calloc(1, sizeof(*room));
    if (!room)
        abort();
    room->name = strdup(name);
    room->context = *context;
    room->streaks = streaks_new(room_take_step, room);
    room->crowd = crowd_new();
    buffer_init(&room->json, EVENT_MAX_BYTES);
    return room;
}

const char *room_name(const struct room *room)
{
    return room->name;
}

void room_keep(struct room *room, int64_t until_ms)
{
    if (room->until_ms < until_ms)
        room->until_ms = until_ms;
}

/* ---- sending ---- */

struct event_envelope room_envelope(struct room *room, const char *id)
{
    arena_reset(room->context.scratch);
    return (struct event_envelope){
        .id = id, .seq = publisher_next_seq(room->context.publisher), .wall_ms = clock_wall_ms()};
}

void room_send(struct room *room, const struct watcher *watcher, const char *id)
{
    if (!room->json.overflowed)
        publisher_send(room->context.publisher, watcher->user_id.text, id,
                       buffer_slice(&room->json));
    buffer_clear(&room->json);
}

/* An event of our own making has no id of TikTok's. */
static const char *make_id(struct room *room, char id[ROOM_ID_MAX])
{
    (void)snprintf(id, ROOM_ID_MAX, "s%lld",
                   (long long)publisher_next_seq(room->context.publisher));
    return id;
}

static void send_state(struct room *room, const struct watcher *watcher)
{
    char id[ROOM_ID_MAX];
    struct event_envelope envelope = room_envelope(room, make_id(room, id));
    event_json_status(&envelope, room->state, room->message, room->name, &room->json);
    room_send(room, watcher, id);
}

static void send_error(struct room *room, const struct watcher *watcher, const char *code)
{
    char id[ROOM_ID_MAX];
    struct event_envelope envelope = room_envelope(room, make_id(room, id));
    event_json_error(&envelope, code, room->message, &room->json);
    room_send(room, watcher, id);
}

/* ---- watchers ---- */

struct watcher *room_watchers(const struct room *room)
{
    return room->watchers;
}

bool room_enter(struct room *room, struct watcher *watcher)
{
    if (room->count == ROOM_WATCHERS_MAX)
        return false;
    watcher->room = room;
    watcher->state_wanted_us = -1;
    watcher->previous = NULL;
    watcher->next = room->watchers;
    if (watcher->next)
        watcher->next->previous = watcher;
    room->watchers = watcher;
    room->count++;
    return true;
}

void room_leave(struct watcher *watcher)
{
    struct room *room = TAKE(watcher->room);
    if (watcher->next)
        watcher->next->previous = watcher->previous;
    if (watcher->previous)
        watcher->previous->next = watcher->next;
    else
        room->watchers = watcher->next;
    room->count--;
}

void room_tell_state(struct watcher *watcher, int64_t wanted_us)
{
    if (wanted_us <= watcher->state_wanted_us)
        return;
    watcher->state_wanted_us = wanted_us;
    if (watcher->room->state)
        send_state(watcher->room, watcher);
}

bool room_misses_viewers(const struct room *room)
{
    return !room->expects_viewers;
}

void room_expect_viewers(struct room *room, bool is_expected)
{
    room->expects_viewers = is_expected;
}

void room_take_viewers(struct room *room, const struct viewer_memory *viewers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        crowd_note(room->crowd, viewers[i].room_id, viewers[i].viewer_id, viewers[i].has_spoken,
                   viewers[i].diamonds);
}

/* ---- its state ---- */

void room_take_state(struct room *room, const char *state, const char *message, const char *code)
{
    if (text_equal(state, "ended"))
        streaks_end(room->streaks, room_active_ms(room, clock_mono_ms()));
    free(room->message);
    room->message = strdup(message);
    room->state = state;
    if (room->context.recorder)
        recorder_add_state(room->context.recorder,
                           &(struct stream_state){room->name, state, message});
    for (const struct watcher *watcher = room->watchers; watcher; watcher = watcher->next) {
        send_state(room, watcher);
        if (code)
            send_error(room, watcher, code);
    }
}

bool room_sweep(struct room *room, int64_t now_ms)
{
    (void)streaks_flush(room->streaks, room_active_ms(room, now_ms));
    room_tell_viewers(room, now_ms);
    return now_ms <= room->until_ms;
}

void room_free(struct room *room)
{
    if (!room)
        return;
    assert(!room->watchers);
    streaks_free(room->streaks);
    crowd_free(room->crowd);
    buffer_done(&room->json);
    free(room->message);
    free(room->name);
    free(room);
}
