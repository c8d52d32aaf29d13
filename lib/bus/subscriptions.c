/* SPDX-License-Identifier: MIT */
#include "lib/bus/subscriptions.h"

#include <pthread.h>

#define FLUSH_TIMEOUT_MS 5000
#define DRAIN_TIMEOUT_MS 5000

struct subscription {
    struct subscription *next;
    natsSubscription *handle;
};

struct subscriptions {
    struct bus *bus;
    struct subscription *first;
    pthread_mutex_t lock;
    pthread_cond_t one_ended;
    size_t live; /* those whose callback may still run */
};

struct subscriptions *subscriptions_new(struct bus *bus)
{
    struct subscriptions *subscriptions = calloc(1, sizeof(*subscriptions));
    if (!subscriptions)
        abort();
    subscriptions->bus = bus;
    pthread_mutex_init(&subscriptions->lock, NULL);
    pthread_cond_init(&subscriptions->one_ended, NULL);
    return subscriptions;
}

static void count_live(struct subscriptions *subscriptions, size_t change)
{
    pthread_mutex_lock(&subscriptions->lock);
    subscriptions->live += change;
    pthread_cond_signal(&subscriptions->one_ended);
    pthread_mutex_unlock(&subscriptions->lock);
}

/* The library's last word on a subscription. */
static void on_complete(void *closure)
{
    count_live(closure, (size_t)-1);
}

enum status subscriptions_add(struct subscriptions *subscriptions, const char *subject,
                              const char *queue, natsMsgHandler callback, void *closure)
{
    natsConnection *connection = bus_connection(subscriptions->bus);
    AUTO(natsSubscription_Destroy) natsSubscription *handle = NULL;
    natsStatus s =
        queue
            ? natsConnection_QueueSubscribe(&handle, connection, subject, queue, callback, closure)
            : natsConnection_Subscribe(&handle, connection, subject, callback, closure);
    if (s != NATS_OK)
        return STATUS_UNAVAILABLE;
    if (natsSubscription_SetOnCompleteCB(handle, on_complete, subscriptions) != NATS_OK)
        return STATUS_UNAVAILABLE;
    count_live(subscriptions, 1);

    struct subscription *subscription = calloc(1, sizeof(*subscription));
    if (!subscription)
        abort();
    *subscription = (struct subscription){subscriptions->first, TAKE(handle)};
    subscriptions->first = subscription;
    return STATUS_OK;
}

enum status subscriptions_flush(struct subscriptions *subscriptions)
{
    natsConnection *connection = bus_connection(subscriptions->bus);
    bool flushed = natsConnection_FlushTimeout(connection, FLUSH_TIMEOUT_MS) == NATS_OK;
    return flushed ? STATUS_OK : STATUS_UNAVAILABLE;
}

void subscriptions_drain(struct subscriptions *subscriptions)
{
    for (struct subscription *each = subscriptions->first; each; each = each->next)
        natsSubscription_DrainTimeout(each->handle, DRAIN_TIMEOUT_MS);

    pthread_mutex_lock(&subscriptions->lock);
    while (subscriptions->live > 0)
        pthread_cond_wait(&subscriptions->one_ended, &subscriptions->lock);
    pthread_mutex_unlock(&subscriptions->lock);
}

void subscriptions_free(struct subscriptions *subscriptions)
{
    if (!subscriptions)
        return;
    subscriptions_drain(subscriptions);
    while (subscriptions->first) {
        struct subscription *subscription = subscriptions->first;
        subscriptions->first = subscription->next;
        natsSubscription_Destroy(subscription->handle);
        free(subscription);
    }
    pthread_cond_destroy(&subscriptions->one_ended);
    pthread_mutex_destroy(&subscriptions->lock);
    free(subscriptions);
}
