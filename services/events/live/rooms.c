/* SPDX-License-Identifier: MIT */
#include "services/events/live/rooms.h"

#include "lib/base/clock.h"
#include "lib/base/map.h"
#include "lib/base/recent.h"
#include "lib/base/text.h"

#include <pthread.h>
#include <stdio.h>

#define ROOMS_MAX 10000
#define ARENA_MAX_BYTES (16 * 1024 * 1024)
#define PROFILE_EVERY_MS 30000
#define PROFILE_RETRY_MS 1000
#define REFUSED_MAX 10000 /* users remembered as told that there is no place */
#define REFUSED_EVERY_MS 30000
#define REFUSAL_MAX_BYTES ((size_t)1024)
#define REFUSAL_ID_SIZE 32

struct rooms {
    struct rooms_options options;
    struct metric *open;

    /* Guards what follows; held while an event is handed to its users. */
    pthread_mutex_t lock;
    struct arena *arena;    /* for one event */
    struct arena *scratch;  /* for one of its watchers */
    struct map by_name;     /* rooms */
    struct map by_user;     /* watchers */
    struct recent *refused; /* int64_t by user: when they were last told */
    struct room *rooms[ROOMS_MAX];
    size_t count;
};

struct rooms *rooms_new(const struct rooms_options *options)
{
    struct rooms *rooms = calloc(1, sizeof(*rooms));
    if (!rooms)
        abort();
    rooms->options = *options;
    rooms->open = metrics_gauge(options->metrics, "ttb_live_rooms",
                                "Lives whose connection this replica holds.", "");
    rooms->arena = arena_new(ARENA_MAX_BYTES);
    rooms->refused = recent_new(sizeof(int64_t), REFUSED_MAX);
    rooms->scratch = arena_new(ARENA_MAX_BYTES);
    pthread_mutex_init(&rooms->lock, NULL);
    return rooms;
}

/* ---- rooms; under the lock ---- */

/* NULL when there are too many. */
static struct room *open_room(struct rooms *rooms, const char *name)
{
    if (rooms->count == ROOMS_MAX)
        return NULL;
    const struct room_context context = {
        .publisher = rooms->options.publisher,
        .reactor = rooms->options.reactor,
        .recorder = rooms->options.recorder,
        .arena = rooms->arena,
        .scratch = rooms->scratch,
    };
    struct room *room = room_new(name, &context);
    rooms->rooms[rooms->count++] = room;
    map_add(&rooms->by_name, room_name(room), room);
    rooms->options.on_open(rooms->options.closure, name);
    return room;
}

static void close_room(struct rooms *rooms, size_t at)
{
    struct room *room = rooms->rooms[at];
    rooms->options.on_close(rooms->options.closure, room_name(room));
    map_remove(&rooms->by_name, room_name(room));
    room_free(room);
    rooms->rooms[at] = rooms->rooms[--rooms->count];
}

/* ---- watchers; under the lock ---- */

static struct watcher *add_watcher(struct rooms *rooms, const char *user_id)
{
    struct watcher *watcher = watcher_new(user_id);
    map_add(&rooms->by_user, watcher->user_id.text, watcher);
    return watcher;
}

/* What was asked for the room will not come: somebody else has to ask. */
static void leave_room(struct watcher *watcher)
{
    if (watcher->asks_for_room)
        room_expect_viewers(watcher->room, false);
    watcher->asks_for_room = false;
    room_leave(watcher);
}

static void drop_watcher(struct rooms *rooms, struct watcher *watcher)
{
    if (watcher->room)
        leave_room(watcher);
    map_remove(&rooms->by_user, watcher->user_id.text);
    watcher_free(watcher);
}

/* The user in the room of that live, whatever room that was before. NULL when there is no place. */
static struct watcher *place_watcher(struct rooms *rooms, const struct watch *watch)
{
    struct room *room = map_find(&rooms->by_name, watch->username);
    struct watcher *watcher = map_find(&rooms->by_user, watch->user_id);
    if (watcher && watcher->room == room)
        return watcher;
    if (watcher)
        leave_room(watcher);
    else
        watcher = add_watcher(rooms, watch->user_id);
    if (!room)
        room = open_room(rooms, watch->username);
    if (!room || !room_enter(room, watcher)) {
        drop_watcher(rooms, watcher);
        return NULL;
    }
    if (room_misses_viewers(room))
        watcher->due_ms = 0;
    return watcher;
}

static void drop_those_before(struct rooms *rooms, const struct room *room, int64_t now_ms)
{
    struct watcher *next;
    for (struct watcher *watcher = room_watchers(room); watcher; watcher = next) {
        next = watcher->next;
        if (watcher->until_ms < now_ms)
            drop_watcher(rooms, watcher);
    }
}

/* ---- following the tables ---- */

/* The watch is seen each second; the user is told now and then. */
static void tell_refused(struct rooms *rooms, const char *user_id, int64_t now_ms)
{
    int64_t *told_ms = recent_put(rooms->refused, user_id);
    if (*told_ms != 0 && now_ms - *told_ms < REFUSED_EVERY_MS)
        return;
    *told_ms = now_ms;
    AUTO_BUFFER(json, REFUSAL_MAX_BYTES);
    char id[REFUSAL_ID_SIZE];
    struct publisher *publisher = rooms->options.publisher;
    int64_t seq = publisher_next_seq(publisher);
    (void)snprintf(id, sizeof(id), "s%lld", (long long)seq);
    const struct event_envelope envelope = {.id = id, .seq = seq, .wall_ms = clock_wall_ms()};
    event_json_error(&envelope, "overloaded", "too many are watching; this is tried again", &json);
    publisher_send(publisher, user_id, id, buffer_slice(&json));
}

/* NULL stands for a user who is not here. */
static enum rooms_wish wish_of(struct watcher *watcher, int64_t now_ms)
{
    if (!watcher || watcher->is_asking || watcher->due_ms > now_ms)
        return ROOMS_KNOWN;
    watcher->is_asking = true;
    watcher->due_ms = INT64_MAX; /* unless something changes while it is loaded */
    if (!room_misses_viewers(watcher->room))
        return ROOMS_WANT_PROFILE;
    watcher->asks_for_room = true;
    room_expect_viewers(watcher->room, true);
    return ROOMS_WANT_ALL;
}

enum rooms_wish rooms_keep(struct rooms *rooms, const struct watch *watch, int64_t now_ms)
{
    pthread_mutex_lock(&rooms->lock);
    struct watcher *watcher = place_watcher(rooms, watch);
    enum rooms_wish wish = wish_of(watcher, now_ms);
    if (watcher) {
        watcher->until_ms = now_ms;
        room_keep(watcher->room, now_ms);
        room_tell_state(watcher, watch->state_wanted_us);
    } else {
        tell_refused(rooms, watch->user_id, now_ms);
    }
    pthread_mutex_unlock(&rooms->lock);
    return wish;
}

enum rooms_wish rooms_renew(struct rooms *rooms, const char *user_id)
{
    pthread_mutex_lock(&rooms->lock);
    struct watcher *watcher = map_find(&rooms->by_user, user_id);
    if (watcher)
        watcher->due_ms = 0;
    bool is_new = watcher && room_misses_viewers(watcher->room);
    enum rooms_wish wish = is_new ? ROOMS_KNOWN : wish_of(watcher, 0);
    pthread_mutex_unlock(&rooms->lock);
    return wish;
}

void rooms_keep_open(struct rooms *rooms, const char *name, int64_t now_ms)
{
    pthread_mutex_lock(&rooms->lock);
    struct room *room = map_find(&rooms->by_name, name);
    if (room)
        room_keep(room, now_ms);
    pthread_mutex_unlock(&rooms->lock);
}

void rooms_keep_all(struct rooms *rooms, int64_t until_ms)
{
    pthread_mutex_lock(&rooms->lock);
    for (size_t i = 0; i < rooms->count; i++) {
        struct watcher *watcher = room_watchers(rooms->rooms[i]);
        room_keep(rooms->rooms[i], until_ms);
        for (; watcher; watcher = watcher->next) {
            if (watcher->until_ms < until_ms)
                watcher->until_ms = until_ms;
        }
    }
    pthread_mutex_unlock(&rooms->lock);
}

static void close_with_all(struct rooms *rooms, size_t at)
{
    drop_those_before(rooms, rooms->rooms[at], INT64_MAX);
    close_room(rooms, at);
}

size_t rooms_sweep(struct rooms *rooms, int64_t now_ms)
{
    size_t closed = 0;
    pthread_mutex_lock(&rooms->lock);
    for (size_t i = 0; i < rooms->count;) {
        drop_those_before(rooms, rooms->rooms[i], now_ms);
        if (room_sweep(rooms->rooms[i], now_ms)) {
            i++;
            continue;
        }
        close_with_all(rooms, i);
        closed++;
    }
    metric_set(rooms->open, (int64_t)rooms->count);
    arena_reset(rooms->arena);
    pthread_mutex_unlock(&rooms->lock);
    return closed;
}

void rooms_lose(struct rooms *rooms, const char *name)
{
    pthread_mutex_lock(&rooms->lock);
    for (size_t i = 0; i < rooms->count; i++) {
        if (!text_equal(room_name(rooms->rooms[i]), name))
            continue;
        close_with_all(rooms, i);
        break;
    }
    metric_set(rooms->open, (int64_t)rooms->count);
    pthread_mutex_unlock(&rooms->lock);
}

void rooms_forget(struct rooms *rooms, const char *user_id)
{
    pthread_mutex_lock(&rooms->lock);
    struct watcher *watcher = map_find(&rooms->by_user, user_id);
    if (watcher)
        drop_watcher(rooms, watcher);
    pthread_mutex_unlock(&rooms->lock);
}

/* is_of_room: the viewers are not those of a live that the user has left meanwhile. */
static void take(struct watcher *watcher, const struct rooms_loaded *loaded, bool is_of_room)
{
    for (size_t i = 0; i < loaded->firing_count; i++) {
        const struct firing *firing = &loaded->firings[i];
        firings_note(watcher->firings, firing->trigger_id, firing->room_id, firing->viewer_id,
                     firing->at_ms);
    }
    if (is_of_room && loaded->viewers)
        room_take_viewers(watcher->room, loaded->viewers, loaded->viewer_count);
    watcher_set_profile(watcher, loaded->profile);
}

void rooms_take_profile(struct rooms *rooms, const char *user_id, const struct rooms_loaded *loaded)
{
    pthread_mutex_lock(&rooms->lock);
    struct watcher *watcher = map_find(&rooms->by_user, user_id);
    bool is_of_room = watcher && watcher->asks_for_room;
    if (watcher) {
        watcher->is_asking = false;
        if (watcher->asks_for_room && !loaded->profile)
            room_expect_viewers(watcher->room, false);
        watcher->asks_for_room = false;
        if (watcher->due_ms == INT64_MAX)
            watcher->due_ms =
                clock_mono_ms() + (loaded->profile ? PROFILE_EVERY_MS : PROFILE_RETRY_MS);
    }
    if (watcher && loaded->profile)
        take(watcher, loaded, is_of_room);
    else
        profile_free(loaded->profile);
    pthread_mutex_unlock(&rooms->lock);
}

/* ---- what happens in a live ---- */

void rooms_take_event(struct rooms *rooms, const char *name, const struct live_event *event)
{
    pthread_mutex_lock(&rooms->lock);
    struct room *room = map_find(&rooms->by_name, name);
    if (room)
        room_take_event(room, event, clock_mono_ms());
    arena_reset(rooms->arena);
    pthread_mutex_unlock(&rooms->lock);
}

void rooms_take_state(struct rooms *rooms, const char *name, const char *state, const char *message,
                      const char *code)
{
    pthread_mutex_lock(&rooms->lock);
    struct room *room = map_find(&rooms->by_name, name);
    if (room)
        room_take_state(room, state, message, code);
    pthread_mutex_unlock(&rooms->lock);
}

void rooms_free(struct rooms *rooms)
{
    if (!rooms)
        return;
    for (size_t i = 0; i < rooms->count; i++) {
        drop_those_before(rooms, rooms->rooms[i], INT64_MAX);
        room_free(rooms->rooms[i]);
    }
    recent_free(rooms->refused);
    map_done(&rooms->by_name);
    map_done(&rooms->by_user);
    arena_free(rooms->scratch);
    arena_free(rooms->arena);
    pthread_mutex_destroy(&rooms->lock);
    free(rooms);
}
