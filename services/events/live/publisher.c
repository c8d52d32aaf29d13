/* SPDX-License-Identifier: MIT */
#include "services/events/live/publisher.h"

#include "lib/base/clock.h"
#include "lib/bus/stream.h"

#include <stdatomic.h>

#define ACK_WAIT_MS 2000
#define PURGE_WAIT_MS 2000
#define SUBJECT_MAX 64
#define ID_MAX 160

static const struct stream live_stream = {
    .name = "LIVE",
    .subjects = "live.>",
    .keep_ms = 10 * 60 * 1000,
    .max_per_subject = 1000,
};

struct publisher {
    struct bus *bus;
    atomic_llong last_seq;
    struct metric *published;
    struct metric *failed;
};

enum status publisher_new(struct bus *bus, struct metrics *metrics,
                          struct publisher **ret_publisher)
{
    enum status status = stream_ensure(bus, &live_stream);
    if (status != STATUS_OK)
        return status;

    struct publisher *publisher = calloc(1, sizeof(*publisher));
    if (!publisher)
        abort();
    publisher->bus = bus;
    publisher->published =
        metrics_counter(metrics, "ttb_live_published_total", "Events sent to users.", "");
    publisher->failed = metrics_counter(metrics, "ttb_live_unpublished_total",
                                        "Events that could not be sent.", "");
    *ret_publisher = publisher;
    return STATUS_OK;
}

int64_t publisher_next_seq(struct publisher *publisher)
{
    long long now = clock_wall_us();
    long long last = atomic_load(&publisher->last_seq);
    long long next;
    do {
        next = now > last ? now : last + 1;
    } while (!atomic_compare_exchange_weak(&publisher->last_seq, &last, next));
    return next;
}

void publisher_send(struct publisher *publisher, const char *user_id, const char *id,
                    struct slice event)
{
    char subject[SUBJECT_MAX];
    char message_id[ID_MAX];
    (void)snprintf(subject, sizeof(subject), "live.%s", user_id);
    (void)snprintf(message_id, sizeof(message_id), "%s:%s", user_id, id);

    /* Without a connection the library would keep it for later, when it is history. */
    bool sent = false;
    if (bus_is_connected(publisher->bus)) {
        jsPubOptions options;
        jsPubOptions_Init(&options);
        options.MsgId = message_id;
        sent = js_PublishAsync(bus_jetstream(publisher->bus), subject, event.data, (int)event.size,
                               &options) == NATS_OK;
    }
    metric_add(sent ? publisher->published : publisher->failed, 1);
}

enum status publisher_purge(struct publisher *publisher, const char *user_id)
{
    char subject[SUBJECT_MAX];
    (void)snprintf(subject, sizeof(subject), "live.%s", user_id);
    jsOptions options;
    jsOptions_Init(&options);
    options.Wait = PURGE_WAIT_MS;
    options.Stream.Purge.Subject = subject;
    natsStatus status =
        js_PurgeStream(bus_jetstream(publisher->bus), live_stream.name, &options, NULL);
    return status == NATS_OK ? STATUS_OK : STATUS_UNAVAILABLE;
}

void publisher_free(struct publisher *publisher)
{
    if (!publisher)
        return;
    jsPubOptions options;
    jsPubOptions_Init(&options);
    options.MaxWait = ACK_WAIT_MS;
    (void)js_PublishAsyncComplete(bus_jetstream(publisher->bus), &options);
    free(publisher);
}
