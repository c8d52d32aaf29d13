/* SPDX-License-Identifier: MIT */
#include "services/events/live/room.h"

#include "lib/base/clock.h"
#include "lib/base/spoken.h"
#include "lib/base/text.h"
#include "lib/base/uuid.h"
#include "services/events/domain/budget.h"
#include "services/events/domain/event_json.h"

#define EVENT_MAX_BYTES (64 * 1024)
#define VIEWERS_EVERY_MS 1000
#define SETTINGS_EVERY_MS 30000
#define SPOKEN_MAX_CHARS 200
#define ID_MAX 96

struct watcher {
    struct uuid user_id;
    int64_t until_ms;
    int64_t settings_ms; /* when they were asked for; 0: never */
    int64_t state_wanted_us;
    bool tts_enabled;
    char *voice_id;
    struct budget speech;
};

struct room {
    char *name;
    struct room_context context;
    struct streaks *streaks;
    struct buffer json;
    struct watcher *watchers;
    size_t count;
    size_t capacity;

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

static struct watcher *find_watcher(struct room *room, const char *user_id)
{
    for (size_t i = 0; i < room->count; i++) {
        if (text_equal(room->watchers[i].user_id.text, user_id))
            return &room->watchers[i];
    }
    return NULL;
}

static struct watcher *add_watcher(struct room *room, const char *user_id)
{
    struct uuid id;
    if (room->count == ROOM_WATCHERS_MAX || !uuid_parse(user_id, &id))
        return NULL;
    if (room->count == room->capacity) {
        room->capacity = room->capacity ? room->capacity * 2 : 4;
        room->watchers = reallocarray(room->watchers, room->capacity, sizeof(*room->watchers));
        if (!room->watchers)
            abort();
    }
    struct watcher *watcher = &room->watchers[room->count++];
    *watcher = (struct watcher){.user_id = id, .state_wanted_us = -1};
    return watcher;
}

bool room_keep_watcher(struct room *room, const char *user_id, int64_t state_wanted_us,
                       int64_t now_ms, int64_t until_ms)
{
    struct watcher *watcher = find_watcher(room, user_id);
    if (!watcher)
        watcher = add_watcher(room, user_id);
    if (!watcher)
        return false;
    watcher->until_ms = until_ms;
    if (state_wanted_us > watcher->state_wanted_us) {
        watcher->state_wanted_us = state_wanted_us;
        if (room->state)
            send_state(room, watcher);
    }
    return watcher->settings_ms == 0 || now_ms - watcher->settings_ms >= SETTINGS_EVERY_MS;
}

void room_update_settings(struct room *room, const char *user_id,
                          const struct watcher_settings *settings, int64_t now_ms)
{
    struct watcher *watcher = find_watcher(room, user_id);
    if (!watcher)
        return;
    watcher->settings_ms = now_ms;
    watcher->tts_enabled = settings->tts_enabled;
    if (!text_equal(watcher->voice_id, settings->voice_id)) {
        free(watcher->voice_id);
        watcher->voice_id = strdup(settings->voice_id);
    }
}

void room_keep_all(struct room *room, int64_t until_ms)
{
    for (size_t i = 0; i < room->count; i++) {
        if (room->watchers[i].until_ms < until_ms)
            room->watchers[i].until_ms = until_ms;
    }
}

bool room_sweep(struct room *room, int64_t now_ms)
{
    (void)streaks_flush(room->streaks, now_ms);
    for (size_t i = 0; i < room->count;) {
        if (room->watchers[i].until_ms > now_ms) {
            i++;
            continue;
        }
        free(room->watchers[i].voice_id);
        room->watchers[i] = room->watchers[--room->count];
    }
    return room->count > 0;
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
    for (size_t i = 0; i < room->count; i++) {
        struct event_envelope envelope = make_envelope(room, id);
        envelope.tts_url = speak(room, &room->watchers[i], text, now_ms);
        if (event_json_write(&envelope, event, &room->json))
            send_json(room, &room->watchers[i], id);
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
    for (size_t i = 0; i < room->count; i++) {
        struct event_envelope envelope = make_envelope(room, id);
        event_json_gift(&envelope, step, &room->json);
        send_json(room, &room->watchers[i], id);
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
    for (size_t i = 0; i < room->count; i++) {
        send_state(room, &room->watchers[i]);
        if (code)
            send_error(room, &room->watchers[i], code);
    }
}

void room_free(struct room *room)
{
    if (!room)
        return;
    for (size_t i = 0; i < room->count; i++)
        free(room->watchers[i].voice_id);
    free(room->watchers);
    streaks_free(room->streaks);
    buffer_done(&room->json);
    free(room->message);
    free(room->name);
    free(room);
}
