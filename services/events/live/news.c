/* SPDX-License-Identifier: MIT */
#include "services/events/live/news.h"

#include "gen/auth/messages.h"
#include "gen/events/messages.h"
#include "lib/base/log.h"
#include "lib/bus/subscriptions.h"

#include <pthread.h>

#define TRIGGERS_SUBJECT "news.events.triggers" /* the message is the user's id */
#define WATCHED_SUBJECT "news.events.watching"  /* a WatchChanged; gateways listen */
#define WAITING_MAX 4096
#define ARENA_MAX_BYTES ((size_t)64 * 1024)
#define MESSAGE_MAX_BYTES                                                                          \
    ((size_t)4096) /* a user's id, and what may be added to the event one day */

struct news {
    struct bus *bus;
    struct waker *waker;
    struct subscriptions *subscriptions;
    struct arena *arena;  /* the callbacks', which come one after another */
    pthread_mutex_t lock; /* of what follows */
    struct uuid waiting[WAITING_MAX];
    size_t first, count;
};

static void add(struct news *news, const char *user_id)
{
    struct uuid user;
    if (!uuid_parse(user_id, &user))
        return;
    pthread_mutex_lock(&news->lock);
    if (news->count < WAITING_MAX)
        news->waiting[(news->first + news->count++) % WAITING_MAX] = user;
    pthread_mutex_unlock(&news->lock);
    waker_nudge(news->waker);
}

/* What came; nothing when it is too large to be a word about a user. */
static struct slice content_of(natsMsg *message)
{
    size_t size = (size_t)natsMsg_GetDataLength(message);
    if (size > MESSAGE_MAX_BYTES)
        return (struct slice){"", 0};
    return (struct slice){natsMsg_GetData(message), size};
}

static void on_settings(natsConnection *connection, natsSubscription *subscription,
                        natsMsg *message, void *closure)
{
    (void)connection;
    (void)subscription;
    AUTO(natsMsg_Destroy) natsMsg *owned = message;
    struct news *news = closure;
    struct settings_changed event = {0};
    if (message_decode(&settings_changed_message, content_of(owned), news->arena, &event) ==
        STATUS_OK)
        add(news, event.user_id);
    arena_reset(news->arena);
}

static void on_triggers(natsConnection *connection, natsSubscription *subscription,
                        natsMsg *message, void *closure)
{
    (void)connection;
    (void)subscription;
    AUTO(natsMsg_Destroy) natsMsg *owned = message;
    struct news *news = closure;
    struct slice user_id = content_of(owned);
    add(news, arena_text_n(news->arena, user_id.data, user_id.size));
    arena_reset(news->arena);
}

enum status news_start(struct bus *bus, struct waker *waker, struct news **ret_news)
{
    struct news *news = calloc(1, sizeof(*news));
    if (!news)
        abort();
    news->bus = bus;
    news->waker = waker;
    news->arena = arena_new(ARENA_MAX_BYTES);
    pthread_mutex_init(&news->lock, NULL);
    news->subscriptions = subscriptions_new(bus);
    enum status status =
        subscriptions_add(news->subscriptions, EVT_AUTH_SETTINGS_CHANGED, NULL, on_settings, news);
    if (status == STATUS_OK)
        status = subscriptions_add(news->subscriptions, TRIGGERS_SUBJECT, NULL, on_triggers, news);
    if (status != STATUS_OK) {
        news_stop(news);
        return status;
    }
    *ret_news = news;
    return STATUS_OK;
}

static void tell(struct news *news, const char *subject, struct slice body, const char *user_id)
{
    natsMsg *message = NULL;
    if (bus_message(subject, NULL, NULL, 0, body, &message) != STATUS_OK ||
        bus_publish(news->bus, message) != STATUS_OK)
        log_debug(NULL, "a change will be heard later", LOG_TEXT("user_id", user_id));
}

void news_tell(struct news *news, const char *user_id)
{
    tell(news, TRIGGERS_SUBJECT, (struct slice){user_id, strlen(user_id)}, user_id);
}

void news_tell_watched(struct news *news, const char *user_id, const char *username)
{
    AUTO_BUFFER(body, MESSAGE_MAX_BYTES);
    const struct watch_changed word = {user_id, username};
    message_encode(&watch_changed_message, &word, &body);
    tell(news, WATCHED_SUBJECT, buffer_slice(&body), user_id);
}

bool news_take(struct news *news, struct uuid *ret_user_id)
{
    pthread_mutex_lock(&news->lock);
    bool is_there = news->count > 0;
    if (is_there) {
        *ret_user_id = news->waiting[news->first];
        news->first = (news->first + 1) % WAITING_MAX;
        news->count--;
    }
    pthread_mutex_unlock(&news->lock);
    return is_there;
}

void news_stop(struct news *news)
{
    if (!news)
        return;
    subscriptions_free(news->subscriptions);
    pthread_mutex_destroy(&news->lock);
    arena_free(news->arena);
    free(news);
}
