/* SPDX-License-Identifier: MIT */
#include "services/events/live/follower.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/base/waker.h"
#include "services/events/live/asker.h"
#include "services/events/live/leases.h"
#include "services/events/live/news.h"
#include "services/events/live/source.h"

#define LOOK_EVERY_MS 1000
#define STORE_WAIT_MS 3000
#define ARENA_MAX_BYTES (16 * 1024 * 1024)

/* In the order of starting. */
struct follower {
    struct follower_options options;
    struct waker waker;
    struct publisher *publisher;
    struct news *news;
    struct speaker speaker;
    struct recorder *recorder;
    struct reactor reactor;
    struct rooms *rooms;
    struct source *source;
    struct asker *asker;
    struct leases *leases;
    struct arena *arena; /* the thread's */
    pthread_t thread;
    bool is_running;
};

/* ---- following the tables ---- */

static void ask(struct follower *follower, const char *user_id, const char *username,
                enum rooms_wish wish)
{
    if (wish != ROOMS_KNOWN)
        asker_ask(follower->asker, user_id, wish == ROOMS_WANT_ALL ? username : NULL);
}

static void take_news(struct follower *follower)
{
    struct uuid user;
    while (news_take(follower->news, &user))
        ask(follower, user.text, NULL, rooms_renew(follower->rooms, user.text));
}

static void keep(void *closure, const struct watch *watch, int64_t now_ms)
{
    struct follower *follower = closure;
    ask(follower, watch->user_id, watch->username, rooms_keep(follower->rooms, watch, now_ms));
}

static void look_now(void *closure)
{
    follower_nudge(closure);
}

static void *run(void *closure)
{
    struct follower *follower = closure;
    while (!waker_is_stopping(&follower->waker)) {
        leases_look(follower->leases, follower->arena);
        source_share(follower->source, leases_replicas(follower->leases));
        take_news(follower);
        source_tick(follower->source, follower->arena);
        arena_reset(follower->arena);
        waker_wait(&follower->waker, LOOK_EVERY_MS);
    }
    return NULL;
}

/* ---- start and stop ---- */

static void open_live(void *closure, const char *name)
{
    const struct follower *follower = closure;
    source_open(follower->source, name);
}

static void close_live(void *closure, const char *name)
{
    const struct follower *follower = closure;
    source_close(follower->source, name);
}

static struct rooms *start_rooms(struct follower *follower)
{
    const struct rooms_options options = {
        .publisher = follower->publisher,
        .reactor = &follower->reactor,
        .recorder = follower->recorder,
        .on_open = open_live,
        .on_close = close_live,
        .closure = follower,
        .metrics = follower->options.metrics,
    };
    return rooms_new(&options);
}

static struct source *start_source(const struct follower *follower)
{
    const struct source_options options = {
        .config = follower->options.config,
        .database = follower->options.database,
        .publisher = follower->publisher,
        .rooms = follower->rooms,
        .metrics = follower->options.metrics,
    };
    return source_start(&options);
}

/* What needs the bus to be there. */
static enum status start_on_bus(struct follower *follower)
{
    struct bus *bus = follower->options.bus;
    enum status status = publisher_new(bus, follower->options.metrics, &follower->publisher);
    return status == STATUS_OK ? news_start(bus, &follower->waker, &follower->news) : status;
}

static struct asker *start_asker(const struct follower *follower)
{
    const struct follower_options *options = &follower->options;
    return asker_start(options->bus, options->database, follower->rooms, options->metrics);
}

static void start_lives(struct follower *follower)
{
    const struct follower_options *options = &follower->options;
    const struct events_config *config = options->config;
    speaker_init(&follower->speaker, options->bus, config->media_base_url, options->metrics);
    follower->recorder = recorder_start(options->database, options->metrics);
    reactor_init(&follower->reactor, &follower->speaker, follower->recorder, config->media_base_url,
                 config->speech_per_minute, options->metrics);
    follower->rooms = start_rooms(follower);
    follower->source = start_source(follower);
    follower->asker = start_asker(follower);
    follower->arena = arena_new(ARENA_MAX_BYTES);
}

static enum status start_leases(struct follower *follower)
{
    const struct leases_options options = {
        .bus = follower->options.bus,
        .database = follower->options.database,
        .publisher = follower->publisher,
        .rooms = follower->rooms,
        .on_watch = keep,
        .on_call = look_now,
        .closure = follower,
        .metrics = follower->options.metrics,
    };
    return leases_open(&options, &follower->leases);
}

static enum status start(struct follower *follower)
{
    enum status status = start_on_bus(follower);
    if (status != STATUS_OK)
        return status;
    start_lives(follower);
    status = start_leases(follower);
    if (status != STATUS_OK)
        return status;
    if (pthread_create(&follower->thread, NULL, run, follower) != 0)
        abort();
    follower->is_running = true;
    return STATUS_OK;
}

enum status follower_start(const struct follower_options *options, struct follower **ret_follower)
{
    struct follower *follower = calloc(1, sizeof(*follower));
    if (!follower)
        abort();
    follower->options = *options;
    waker_init(&follower->waker);
    enum status status = start(follower);
    if (status == STATUS_OK)
        *ret_follower = follower;
    else
        follower_stop(follower);
    return status;
}

void follower_nudge(struct follower *follower)
{
    waker_nudge(&follower->waker);
}

enum status follower_forget(struct follower *follower, const char *user_id)
{
    rooms_forget(follower->rooms, user_id);
    return publisher_purge(follower->publisher, user_id);
}

void follower_tell_changed(struct follower *follower, const char *user_id)
{
    news_tell(follower->news, user_id);
}

void follower_tell_watched(struct follower *follower, const char *user_id, const char *username)
{
    news_tell_watched(follower->news, user_id, username);
}

struct publisher *follower_publisher(struct follower *follower)
{
    return follower->publisher;
}

struct reactor *follower_reactor(struct follower *follower)
{
    return &follower->reactor;
}

static void stop_looking(struct follower *follower)
{
    if (!follower->is_running)
        return;
    waker_stop(&follower->waker);
    pthread_join(follower->thread, NULL);
}

/* What was heard and what must be remembered is stored before the leases are given back: who takes
 * them goes on from there. */
static void leave_lives(struct follower *follower)
{
    if (!follower->is_running)
        return;
    publisher_flush(follower->publisher, STORE_WAIT_MS);
    leases_give_back(follower->leases);
}

void follower_stop(struct follower *follower)
{
    if (!follower)
        return;
    stop_looking(follower);
    news_stop(follower->news);
    source_stop(follower->source); /* no event comes after this */
    asker_stop(follower->asker);
    recorder_stop(follower->recorder);
    leave_lives(follower);
    leases_close(follower->leases);
    rooms_free(follower->rooms);
    publisher_free(follower->publisher);
    arena_free(follower->arena);
    waker_done(&follower->waker);
    free(follower);
}
