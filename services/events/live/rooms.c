/* SPDX-License-Identifier: MIT */
#include "services/events/live/rooms.h"

#include "gen/auth/messages.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "services/events/live/room.h"
#include "services/events/store/streams.h"
#include "services/events/webcast/webcast.h"

#include <pthread.h>

#define ROOMS_MAX 10000
#define LOOK_EVERY_MS 1000
/* A watch that was not renewed is served for this long after it ran out of the table: a gateway
 * that starts again, or Postgres away for a while, does not cost the connection to TikTok. */
#define LINGER_MS 15000
#define SETTINGS_WAIT_MS 2000
#define ARENA_MAX_BYTES (16 * 1024 * 1024)

struct rooms {
    struct rooms_options options;
    struct publisher *publisher;
    struct speaker speaker;
    struct webcast *webcast;
    struct pg *db;
    struct arena *arena;       /* the thread's */
    struct arena *event_arena; /* under lock */
    struct metric *open;
    pthread_t thread;

    /* Guards what follows; held while an event is handed to its users. */
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool nudged;
    bool stopping;
    struct room *rooms[ROOMS_MAX];
    size_t count;
};

static struct room *find_room(struct rooms *rooms, const char *name)
{
    for (size_t i = 0; i < rooms->count; i++) {
        if (text_equal(room_name(rooms->rooms[i]), name))
            return rooms->rooms[i];
    }
    return NULL;
}

/* ---- what the webcast client tells, in its thread ---- */

static void on_event(void *closure, const char *name, const struct live_event *event)
{
    struct rooms *rooms = closure;
    pthread_mutex_lock(&rooms->lock);
    struct room *room = find_room(rooms, name);
    if (room)
        room_take_event(room, event, clock_mono_ms());
    arena_reset(rooms->event_arena);
    pthread_mutex_unlock(&rooms->lock);
}

static const char *const state_names[] = {[WEBCAST_CONNECTING] = "connecting",
                                          [WEBCAST_CONNECTED] = "connected",
                                          [WEBCAST_RECONNECTING] = "reconnecting",
                                          [WEBCAST_OFFLINE] = "offline",
                                          [WEBCAST_ENDED] = "ended"};

/* The contract's code for what is wrong; NULL where that is nothing that a user should be told as
 * an error. */
static const char *error_code(enum webcast_error error)
{
    switch (error) {
    case WEBCAST_ERROR_USER_NOT_FOUND:
        return "user_not_found";
    case WEBCAST_ERROR_USER_OFFLINE:
        return "not_live";
    case WEBCAST_ERROR_AGE_RESTRICTED:
    case WEBCAST_ERROR_LOGIN_REQUIRED:
        return "age_restricted";
    case WEBCAST_ERROR_SIGN_RATE_LIMITED:
        return "rate_limited";
    case WEBCAST_ERROR_SIGN_AUTH:
    case WEBCAST_ERROR_SIGN_FAILED:
        return "sign_failed";
    default:
        return NULL;
    }
}

static void on_state(void *closure, const char *name, enum webcast_state state,
                     enum webcast_error error, const char *message)
{
    struct rooms *rooms = closure;
    pthread_mutex_lock(&rooms->lock);
    struct room *room = find_room(rooms, name);
    if (room)
        room_take_state(room, state_names[state], message, error_code(error));
    pthread_mutex_unlock(&rooms->lock);
}

/* ---- following the tables ---- */

static struct room *open_room(struct rooms *rooms, const char *name)
{
    if (rooms->count == ROOMS_MAX)
        return NULL;
    const struct room_context context = {
        .publisher = rooms->publisher,
        .speaker = &rooms->speaker,
        .speech_per_minute = rooms->options.config->speech_per_minute,
        .arena = rooms->event_arena,
    };
    struct room *room = room_new(name, &context);
    rooms->rooms[rooms->count++] = room;
    webcast_watch(rooms->webcast, name);
    return room;
}

/* Adds the watch to its room. True when the user's settings should be asked for. */
static bool keep_watch(struct rooms *rooms, const struct watch *watch, int64_t now_ms)
{
    pthread_mutex_lock(&rooms->lock);
    struct room *room = find_room(rooms, watch->username);
    if (!room)
        room = open_room(rooms, watch->username);
    bool due = room && room_keep_watcher(room, watch->user_id, watch->state_wanted_us, now_ms,
                                         now_ms + LINGER_MS);
    pthread_mutex_unlock(&rooms->lock);
    return due;
}

/* Until auth answers, the user sees events but hears nothing. */
static void ask_settings(struct rooms *rooms, const struct watch *watch, int64_t now_ms)
{
    struct call call = {.arena = rooms->arena,
                        .bus = rooms->options.bus,
                        .now_ms = clock_wall_ms(),
                        .deadline_ms = clock_wall_ms() + SETTINGS_WAIT_MS};
    const struct live_settings_request in = {.user_id = watch->user_id};
    struct live_settings_reply out;
    enum status status = auth_live_settings(&call, &in, &out);
    if (status != STATUS_OK) {
        log_debug(NULL, "settings not known yet", LOG_TEXT("user_id", watch->user_id),
                  LOG_TEXT("status", status_name(status)));
        return;
    }
    const struct watcher_settings settings = {out.tts_enabled, out.voice_id};
    pthread_mutex_lock(&rooms->lock);
    struct room *room = find_room(rooms, watch->username);
    if (room)
        room_update_settings(room, watch->user_id, &settings, now_ms);
    pthread_mutex_unlock(&rooms->lock);
}

static void sweep(struct rooms *rooms, int64_t now_ms)
{
    pthread_mutex_lock(&rooms->lock);
    for (size_t i = 0; i < rooms->count;) {
        struct room *room = rooms->rooms[i];
        if (room_sweep(room, now_ms)) {
            i++;
            continue;
        }
        webcast_unwatch(rooms->webcast, room_name(room));
        room_free(room);
        rooms->rooms[i] = rooms->rooms[--rooms->count];
    }
    metric_set(rooms->open, (int64_t)rooms->count);
    arena_reset(rooms->event_arena);
    pthread_mutex_unlock(&rooms->lock);
}

/* While Postgres is away nobody can take our leases: those whom we serve are served on. */
static void keep_all(struct rooms *rooms, int64_t now_ms)
{
    pthread_mutex_lock(&rooms->lock);
    for (size_t i = 0; i < rooms->count; i++)
        room_keep_all(rooms->rooms[i], now_ms + LINGER_MS);
    pthread_mutex_unlock(&rooms->lock);
}

static void look(struct rooms *rooms)
{
    struct watch *watches = NULL;
    size_t count = 0;
    int64_t now_ms = clock_mono_ms();
    enum status status =
        streams_claim(rooms->db, bus_id(rooms->options.bus), rooms->arena, &watches, &count);
    if (status != STATUS_OK) {
        log_debug(NULL, "the watches can't be read", LOG_TEXT("reason", pg_error(rooms->db)));
        keep_all(rooms, now_ms);
    }
    for (size_t i = 0; i < count; i++) {
        if (keep_watch(rooms, &watches[i], now_ms))
            ask_settings(rooms, &watches[i], now_ms);
    }
    sweep(rooms, clock_mono_ms());
    arena_reset(rooms->arena);
}

/* False when it is time to stop. */
static bool wait_for_next_look(struct rooms *rooms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += LOOK_EVERY_MS / 1000;
    pthread_mutex_lock(&rooms->lock);
    int timed_out = 0;
    while (!rooms->nudged && !rooms->stopping && !timed_out)
        timed_out = pthread_cond_timedwait(&rooms->wake, &rooms->lock, &until);
    rooms->nudged = false;
    bool go_on = !rooms->stopping;
    pthread_mutex_unlock(&rooms->lock);
    return go_on;
}

static void *run(void *closure)
{
    struct rooms *rooms = closure;
    do {
        look(rooms);
    } while (wait_for_next_look(rooms));
    if (streams_release(rooms->db, bus_id(rooms->options.bus)) != STATUS_OK)
        log_warning(NULL, "the leases stay until they run out");
    return NULL;
}

/* ---- start and stop ---- */

static struct webcast *start_webcast(struct rooms *rooms)
{
    const struct events_config *config = rooms->options.config;
    const struct webcast_options options = {
        .web_base = config->tiktok_web_url,
        .webcast_base = config->tiktok_webcast_url,
        .sign_base = config->sign_server_url,
        .sign_api_key = config->sign_api_key,
        .sign_variant =
            text_equal(config->sign_variant, "connect") ? WEBCAST_SIGN_CONNECT : WEBCAST_SIGN_FETCH,
        .sign_per_minute = config->sign_per_minute,
        .push_hosts = config->push_hosts,
        .stale_ms = config->stale_after_ms,
        .offline_poll_ms = config->offline_poll_ms,
        .metrics = rooms->options.metrics,
        .on_event = on_event,
        .on_state = on_state,
        .closure = rooms,
    };
    return webcast_new(&options);
}

static void init_lock(struct rooms *rooms)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&rooms->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&rooms->lock, NULL);
}

enum status rooms_start(const struct rooms_options *options, struct rooms **ret_rooms)
{
    struct publisher *publisher = NULL;
    enum status status = publisher_new(options->bus, options->metrics, &publisher);
    if (status != STATUS_OK)
        return status;

    struct rooms *rooms = calloc(1, sizeof(*rooms));
    if (!rooms)
        abort();
    rooms->options = *options;
    rooms->publisher = publisher;
    rooms->db = pg_new(options->database);
    rooms->arena = arena_new(ARENA_MAX_BYTES);
    rooms->event_arena = arena_new(ARENA_MAX_BYTES);
    rooms->open = metrics_gauge(options->metrics, "ttb_live_rooms",
                                "Lives whose connection this replica holds.", "");
    speaker_init(&rooms->speaker, options->bus, options->config->media_base_url, options->metrics);
    init_lock(rooms);
    rooms->webcast = start_webcast(rooms);
    if (pthread_create(&rooms->thread, NULL, run, rooms) != 0)
        abort();
    *ret_rooms = rooms;
    return STATUS_OK;
}

void rooms_nudge(struct rooms *rooms)
{
    pthread_mutex_lock(&rooms->lock);
    rooms->nudged = true;
    pthread_cond_signal(&rooms->wake);
    pthread_mutex_unlock(&rooms->lock);
}

void rooms_stop(struct rooms *rooms)
{
    if (!rooms)
        return;
    pthread_mutex_lock(&rooms->lock);
    rooms->stopping = true;
    pthread_cond_signal(&rooms->wake);
    pthread_mutex_unlock(&rooms->lock);
    pthread_join(rooms->thread, NULL);

    webcast_free(rooms->webcast); /* no callback comes after this */
    for (size_t i = 0; i < rooms->count; i++)
        room_free(rooms->rooms[i]);
    publisher_free(rooms->publisher);
    pg_free(rooms->db);
    arena_free(rooms->arena);
    arena_free(rooms->event_arena);
    pthread_cond_destroy(&rooms->wake);
    pthread_mutex_destroy(&rooms->lock);
    free(rooms);
}
