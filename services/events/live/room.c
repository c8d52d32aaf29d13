/* SPDX-License-Identifier: MIT */
#include "services/events/live/room.h"

#include "lib/base/clock.h"
#include "lib/base/spoken.h"
#include "lib/base/text.h"
#include "services/events/domain/event_json.h"

#include <assert.h>

#define EVENT_MAX_BYTES (64 * 1024)
#define VIEWERS_EVERY_MS 1000
#define SPOKEN_MAX_CHARS 200
#define ID_MAX 96

struct room {
    char *name;
    struct room_context context;
    struct streaks *streaks;
    struct buffer json;
    struct watcher *watchers; /* the newest first */
    unsigned count;
    int64_t watched_ms; /* when somebody was last seen in it */

    /* The latest state, for users who come later. */
    const char *state;
    char *message;

    int64_t likes; /* the room's total: the largest seen, since TikTok's servers disagree */
    int64_t viewers;
    int64_t viewers_ms; /* when they were last told */
};

static void take_step(void *closure, const struct streak_step *step);

struct room *room_new(const char *name, const struct room_context *context)
{
    struct room *room = calloc(1, sizeof(*room));
    if (!room)
        abort();
    room->name = strdup(name);
    room->context = *context;
    room->streaks = streaks_new(take_step, room);
    room->viewers = -1;
    buffer_init(&room->json, EVENT_MAX_BYTES);
    return room;
}

const char *room_name(const struct room *room)
{
    return room->name;
}

/* ---- sending ---- */

static struct event_envelope make_envelope(struct room *room, const char *id)
{
    return (struct event_envelope){
        .id = id, .seq = publisher_next_seq(room->context.publisher), .wall_ms = clock_wall_ms()};
}

static void send_json(struct room *room, const struct watcher *watcher, const char *id)
{
    if (!room->json.overflowed)
        publisher_send(room->context.publisher, watcher->user_id.text, id,
                       buffer_slice(&room->json));
    buffer_clear(&room->json);
}

/* An event of our own making has no id of TikTok's. */
static const char *make_id(struct room *room, char id[ID_MAX])
{
    (void)snprintf(id, ID_MAX, "s%lld", (long long)publisher_next_seq(room->context.publisher));
    return id;
}

static void send_state(struct room *room, const struct watcher *watcher)
{
    char id[ID_MAX];
    struct event_envelope envelope = make_envelope(room, make_id(room, id));
    event_json_status(&envelope, room->state, room->message, room->name, &room->json);
    send_json(room, watcher, id);
}

static void send_error(struct room *room, const struct watcher *watcher, const char *code)
{
    char id[ID_MAX];
    struct event_envelope envelope = make_envelope(room, make_id(room, id));
    event_json_error(&envelope, code, room->message, &room->json);
    send_json(room, watcher, id);
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

/* ---- what happens ---- */

/* What a watcher hears of a chat message; NULL: nothing. */
static const char *speak(struct room *room, struct watcher *watcher, const char *text,
                         int64_t now_ms)
{
    if (!text || !watcher->tts_enabled ||
        !budget_take(&watcher->speech, room->context.speech_per_minute, now_ms))
        return NULL;
    return speaker_speak(room->context.speaker, room->context.arena, watcher->user_id.text,
                         watcher->voice_id, text);
}

static void send_event(struct room *room, const struct live_event *event, int64_t now_ms)
{
    char id[ID_MAX];
    (void)snprintf(id, sizeof(id), "%lld", (long long)event->msg_id);
    const char *text = NULL;
    if (event->type == LIVE_CHAT) {
        const struct spoken_options options = {.max_chars = SPOKEN_MAX_CHARS};
        text = spoken_prepare(room->context.arena, event->chat.content, &options);
    }
    for (struct watcher *watcher = room->watchers; watcher; watcher = watcher->next) {
        struct event_envelope envelope = make_envelope(room, id);
        envelope.tts_url = speak(room, watcher, text, now_ms);
        if (event_json_write(&envelope, event, &room->json))
            send_json(room, watcher, id);
    }
}

/* A streak's events are named after the streak, not after TikTok's message, so that another replica
 * that sees its end names it alike. */
static void make_gift_id(const struct streak_step *step, char id[ID_MAX])
{
    const struct live_event *event = step->gift;
    if (!event->gift.streakable)
        (void)snprintf(id, ID_MAX, "%lld", (long long)event->msg_id);
    else
        (void)snprintf(id, ID_MAX, "g%lld-%lld-%lld-%lld%s", (long long)event->user.id,
                       (long long)event->gift.gift_id, (long long)event->gift.group_id,
                       (long long)step->count, step->final ? "-final" : "");
}

static void take_step(void *closure, const struct streak_step *step)
{
    struct room *room = closure;
    char id[ID_MAX];
    make_gift_id(step, id);
    for (const struct watcher *watcher = room->watchers; watcher; watcher = watcher->next) {
        struct event_envelope envelope = make_envelope(room, id);
        event_json_gift(&envelope, step, &room->json);
        send_json(room, watcher, id);
    }
}

static void take_like(struct room *room, const struct live_event *event, int64_t now_ms)
{
    if (event->like.total > room->likes)
        room->likes = event->like.total;
    struct live_event like = *event;
    like.like.total = room->likes;
    send_event(room, &like, now_ms);
}

static void take_viewers(struct room *room, const struct live_event *event, int64_t now_ms)
{
    if (event->viewers.current == room->viewers || now_ms - room->viewers_ms < VIEWERS_EVERY_MS)
        return;
    room->viewers = event->viewers.current;
    room->viewers_ms = now_ms;
    send_event(room, event, now_ms);
}

void room_take_event(struct room *room, const struct live_event *event, int64_t now_ms)
{
    switch (event->type) {
    case LIVE_GIFT:
        streaks_add(room->streaks, event, now_ms);
        return;
    case LIVE_LIKE:
        take_like(room, event, now_ms);
        return;
    case LIVE_VIEWERS:
        take_viewers(room, event, now_ms);
        return;
    default:
        send_event(room, event, now_ms);
    }
}

void room_take_state(struct room *room, const char *state, const char *message, const char *code)
{
    if (text_equal(state, "ended"))
        streaks_end(room->streaks, clock_mono_ms());
    free(room->message);
    room->message = strdup(message);
    room->state = state;
    for (const struct watcher *watcher = room->watchers; watcher; watcher = watcher->next) {
        send_state(room, watcher);
        if (code)
            send_error(room, watcher, code);
    }
}

bool room_sweep(struct room *room, int64_t now_ms)
{
    (void)streaks_flush(room->streaks, now_ms);
    if (room->watchers)
        room->watched_ms = now_ms;
    return now_ms - room->watched_ms < ROOM_LINGER_MS;
}

void room_free(struct room *room)
{
    if (!room)
        return;
    assert(!room->watchers);
    streaks_free(room->streaks);
    buffer_done(&room->json);
    free(room->message);
    free(room->name);
    free(room);
}
