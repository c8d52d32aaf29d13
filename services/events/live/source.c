/* SPDX-License-Identifier: MIT */
#include "services/events/live/source.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "lib/base/uuid.h"
#include "services/events/domain/made_up.h"
#include "services/events/live/catalogue.h"
#include "services/events/webcast/webcast.h"

#include <stdatomic.h>

struct source {
    struct source_options options;
    struct catalogue *catalogue;
    struct webcast *webcast;
    atomic_bool feeds; /* somebody watches the test feed */
    bool feed_told;    /* its state */
    struct test_feed feed;
};

/* ---- what TikTok's client tells, in its thread ---- */

/* A gift whose message leaves out what it is, is what the catalogue says. */
static void take_short_gift(const struct source *source, const char *name,
                            const struct live_event *event)
{
    char gift_name[GIFT_NAME_MAX_BYTES + 1];
    int64_t diamond_count;
    struct live_event whole = *event;
    if (catalogue_describe(source->catalogue, event->gift.gift_id, gift_name, &diamond_count)) {
        whole.gift.name = gift_name;
        whole.gift.diamond_count = (int32_t)diamond_count;
    }
    rooms_take_event(source->options.rooms, name, &whole);
}

static void on_event(void *closure, const char *name, const struct live_event *event)
{
    const struct source *source = closure;
    catalogue_take_event(source->catalogue, event);
    if (event->type == LIVE_GIFT && !event->gift.has_price)
        take_short_gift(source, name, event);
    else
        rooms_take_event(source->options.rooms, name, event);
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
    case WEBCAST_ERROR_SIGN_QUEUE:
        return "rate_limited";
    case WEBCAST_ERROR_SIGN_AUTH:
    case WEBCAST_ERROR_SIGN_FORBIDDEN:
    case WEBCAST_ERROR_SIGN_FAILED:
        return "sign_failed";
    default:
        return NULL;
    }
}

static void on_state(void *closure, const char *name, enum webcast_state state,
                     enum webcast_error error, const char *message)
{
    const struct source *source = closure;
    rooms_take_state(source->options.rooms, name, state_names[state], message, error_code(error));
}

/* TikTok's frames are acknowledged when the events in them are stored. */
static int64_t position(void *closure)
{
    const struct source *source = closure;
    return publisher_position(source->options.publisher);
}

static int64_t settled(void *closure)
{
    const struct source *source = closure;
    return publisher_settled(source->options.publisher);
}

static void on_settled(void *closure)
{
    const struct source *source = closure;
    webcast_settled(source->webcast);
}

/* ---- the test feed ---- */

/* Those without a live are connected to something made up. */
static void feed(struct source *source, struct arena *arena, int64_t now_ms)
{
    struct made_up made_up;
    struct made_up_event event;
    uint32_t chance;
    if (!atomic_load(&source->feeds)) {
        source->feed_told = false;
        return;
    }
    if (!source->feed_told) {
        rooms_take_state(source->options.rooms, SOURCE_TEST_FEED, "connected",
                         "made-up events, for no TikTok name is set", NULL);
        test_feed_begin(&source->feed, now_ms);
    }
    source->feed_told = true;
    random_bytes(&chance, sizeof(chance));
    if (!test_feed_next(&source->feed, now_ms, chance, &made_up))
        return;
    made_up.msg_id = clock_wall_us();
    made_up_fill(arena, &made_up, &event);
    rooms_take_event(source->options.rooms, SOURCE_TEST_FEED, &event.event);
}

/* ---- opening and closing ---- */

static bool is_feed(const char *name)
{
    return text_equal(name, SOURCE_TEST_FEED);
}

void source_open(struct source *source, const char *name)
{
    if (is_feed(name))
        atomic_store(&source->feeds, true);
    else
        webcast_watch(source->webcast, name);
}

void source_close(struct source *source, const char *name)
{
    if (is_feed(name))
        atomic_store(&source->feeds, false);
    else
        webcast_unwatch(source->webcast, name);
}

void source_share(struct source *source, unsigned replicas)
{
    webcast_share(source->webcast, replicas);
}

void source_tick(struct source *source, struct arena *arena)
{
    feed(source, arena, clock_mono_ms());
}

/* ---- start and stop ---- */

static struct catalogue *start_catalogue(const struct source *source)
{
    const struct events_config *config = source->options.config;
    const struct catalogue_options options = {
        .database = source->options.database,
        .webcast_base = config->tiktok_webcast_url,
        .ca_file = config->tiktok_ca_file,
        .asks_list = config->gift_list,
        .metrics = source->options.metrics,
    };
    return catalogue_start(&options);
}

static struct webcast *start_webcast(struct source *source)
{
    const struct events_config *config = source->options.config;
    const struct webcast_options options = {
        .web_base = config->tiktok_web_url,
        .webcast_base = config->tiktok_webcast_url,
        .sign_base = config->sign_server_url,
        .sign_api_key = config->sign_api_key,
        .sign_variant =
            text_equal(config->sign_variant, "connect") ? WEBCAST_SIGN_CONNECT : WEBCAST_SIGN_FETCH,
        .sign_per_minute = config->sign_per_minute,
        .sign_burst = config->sign_burst,
        .push_hosts = config->push_hosts,
        .sign_looks_up = config->sign_looks_up,
        .ca_file = config->tiktok_ca_file,
        .stale_ms = config->stale_after_ms,
        .no_data_ms = config->no_data_after_ms,
        .offline_poll_ms = config->offline_poll_ms,
        .metrics = source->options.metrics,
        .on_event = on_event,
        .on_state = on_state,
        .position = position,
        .settled = settled,
        .closure = source,
    };
    return webcast_new(&options);
}

struct source *source_start(const struct source_options *options)
{
    struct source *source = calloc(1, sizeof(*source));
    if (!source)
        abort();
    source->options = *options;
    source->catalogue = start_catalogue(source);
    source->webcast = start_webcast(source);
    publisher_on_settled(options->publisher, on_settled, source);
    return source;
}

void source_stop(struct source *source)
{
    if (!source)
        return;
    publisher_on_settled(source->options.publisher, NULL, NULL);
    webcast_free(source->webcast);
    catalogue_stop(source->catalogue);
    free(source);
}
