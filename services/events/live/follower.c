/* SPDX-License-Identifier: MIT */
#include "services/events/live/follower.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/base/waker.h"
#include "services/events/domain/made_up.h"
#include "services/events/live/asker.h"
#include "services/events/live/catalogue.h"
#include "services/events/live/leases.h"
#include "services/events/live/news.h"
#include "services/events/webcast/webcast.h"

#include <stdatomic.h>

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
    struct catalogue *catalogue;
    struct webcast *webcast;
    struct asker *asker;
    struct leases *leases;
    struct arena *arena; /* the thread's */
    atomic_bool feeds;   /* somebody watches the test feed */
    struct test_feed feed;
    bool feed_told; /* its state */
    pthread_t thread;
    bool is_running;
};

/* ---- what the webcast client tells, in its thread ---- */

/* A gift whose message leaves out what it is, is what the catalogue says. */
static void take_short_gift(const struct follower *follower, const char *name,
                            const struct live_event *event)
{
    char gift_name[GIFT_NAME_MAX_BYTES + 1];
    int64_t diamond_count;
    struct live_event whole = *event;
    if (catalogue_describe(follower->catalogue, event->gift.gift_id, gift_name, &diamond_count)) {
        whole.gift.name = gift_name;
        whole.gift.diamond_count = (int32_t)diamond_count;
    }
    rooms_take_event(follower->rooms, name, &whole);
}

static void on_event(void *closure, const char *name, const struct live_event *event)
{
    const struct follower *follower = closure;
    catalogue_take_event(follower->catalogue, event);
    if (event->type == LIVE_GIFT && !event->gift.has_price)
        take_short_gift(follower, name, event);
    else
        rooms_take_event(follower->rooms, name, event);
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
    const struct follower *follower = closure;
    rooms_take_state(follower->rooms, name, state_names[state], message, error_code(error));
}

/* TikTok's frames are acknowledged when the events in them are stored. */
static int64_t position(void *closure)
{
    const struct follower *follower = closure;
    return publisher_position(follower->publisher);
}

static int64_t settled(void *closure)
{
    const struct follower *follower = closure;
    return publisher_settled(follower->publisher);
}

static void on_settled(void *closure)
{
    const struct follower *follower = closure;
    webcast_settled(follower->webcast);
}

/* ---- what it is told ---- */

static bool is_feed(const char *name)
{
    return text_equal(name, FOLLOWER_TEST_FEED);
}

static void connect_live(void *closure, const char *name)
{
    struct follower *follower = closure;
    if (is_feed(name))
        atomic_store(&follower->feeds, true);
    else
        webcast_watch(follower->webcast, name);
}

static void disconnect_live(void *closure, const char *name)
{
    struct follower *follower = closure;
    if (is_feed(name))
        atomic_store(&follower->feeds, false);
    else
        webcast_unwatch(follower->webcast, name);
}

/* ---- the test feed ---- */

/* Those without a live are connected to something made up. */
static void feed(struct follower *follower, int64_t now_ms)
{
    struct made_up made_up;
    struct made_up_event event;
    uint32_t chance;
    if (!atomic_load(&follower->feeds)) {
        follower->feed_told = false;
        return;
    }
    if (!follower->feed_told) {
        rooms_take_state(follower->rooms, FOLLOWER_TEST_FEED, "connected",
                         "made-up events, for no TikTok name is set", NULL);
        test_feed_begin(&follower->feed, now_ms);
    }
    follower->feed_told = true;
    random_bytes(&chance, sizeof(chance));
    if (!test_feed_next(&follower->feed, now_ms, chance, &made_up))
        return;
    made_up.msg_id = clock_wall_us();
    made_up_fill(follower->arena, &made_up, &event);
    rooms_take_event(follower->rooms, FOLLOWER_TEST_FEED, &event.event);
}

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
        take_news(follower);
        feed(follower, clock_mono_ms());
        arena_reset(follower->arena);
        waker_wait(&follower->waker, LOOK_EVERY_MS);
    }
    return NULL;
}

/* ---- start and stop ---- */

static struct rooms *start_rooms(struct follower *follower)
{
    const struct rooms_options options = {
        .publisher = follower->publisher,
        .reactor = &follower->reactor,
        .recorder = follower->recorder,
        .on_open = connect_live,
        .on_close = disconnect_live,
        .closure = follower,
        .metrics = follower->options.metrics,
    };
    return rooms_new(&options);
}

static struct catalogue *start_catalogue(const struct follower *follower)
{
    const struct events_config *config = follower->options.config;
    const struct catalogue_options options = {
        .database = follower->options.database,
        .webcast_base = config->tiktok_webcast_url,
        .ca_file = config->tiktok_ca_file,
        .asks_list = config->gift_list,
        .metrics = follower->options.metrics,
    };
    return catalogue_start(&options);
}

static struct webcast *start_webcast(struct follower *follower)
{
    const struct events_config *config = follower->options.config;
    const struct webcast_options options = {
        .web_base = config->tiktok_web_url,
        .webcast_base = config->tiktok_webcast_url,
        .sign_base = config->sign_server_url,
        .sign_api_key = config->sign_api_key,
        .sign_variant =
            text_equal(config->sign_variant, "connect") ? WEBCAST_SIGN_CONNECT : WEBCAST_SIGN_FETCH,
        .sign_per_minute = config->sign_per_minute,
        .push_hosts = config->push_hosts,
        .sign_looks_up = config->sign_looks_up,
        .ca_file = config->tiktok_ca_file,
        .stale_ms = config->stale_after_ms,
        .no_data_ms = config->no_data_after_ms,
        .offline_poll_ms = config->offline_poll_ms,
        .metrics = follower->options.metrics,
        .on_event = on_event,
        .on_state = on_state,
        .position = position,
        .settled = settled,
        .closure = follower,
    };
    return webcast_new(&options);
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
    follower->catalogue = start_catalogue(follower);
    follower->webcast = start_webcast(follower);
    publisher_on_settled(follower->publisher, on_settled, follower);
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
    if (follower->publisher)
        publisher_on_settled(follower->publisher, NULL, NULL);
    webcast_free(follower->webcast); /* no event comes after this */
    asker_stop(follower->asker);
    catalogue_stop(follower->catalogue);
    recorder_stop(follower->recorder);
    leave_lives(follower);
    leases_close(follower->leases);
    rooms_free(follower->rooms);
    publisher_free(follower->publisher);
    arena_free(follower->arena);
    waker_done(&follower->waker);
    free(follower);
}
