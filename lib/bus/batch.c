/* SPDX-License-Identifier: MIT */
#include "lib/bus/batch.h"

#include <pthread.h>
#include <stdatomic.h>

struct batch {
    jsCtx *jetstream;
    pthread_mutex_t turn;
    atomic_bool refused; /* the server did not take one */
};

/* Counts for the batch under way, though it may be of one that was given up: then that is sent
 * again for nothing. */
static void on_refusal(jsCtx *jetstream, jsPubAckErr *error, void *closure)
{
    (void)jetstream;
    (void)error;
    struct batch *batch = closure;
    atomic_store(&batch->refused, true);
}

struct batch *batch_new(natsConnection *connection)
{
    struct batch *batch = calloc(1, sizeof(*batch));
    if (!batch)
        abort();
    pthread_mutex_init(&batch->turn, NULL);
    jsOptions options;
    jsOptions_Init(&options);
    options.PublishAsync.ErrHandler = on_refusal;
    options.PublishAsync.ErrHandlerClosure = batch;
    if (natsConnection_JetStream(&batch->jetstream, connection, &options) != NATS_OK) {
        batch_free(batch);
        return NULL;
    }
    return batch;
}

static natsStatus send_one(struct batch *batch, const struct bus_event *event)
{
    jsPubOptions options;
    jsPubOptions_Init(&options);
    options.MsgId = event->id;
    return js_PublishAsync(batch->jetstream, event->subject, event->body.data,
                           (int)event->body.size, &options);
}

static natsStatus wait_for_acks(struct batch *batch, int64_t timeout_ms)
{
    jsPubOptions options;
    jsPubOptions_Init(&options);
    options.MaxWait = timeout_ms;
    natsStatus s = js_PublishAsyncComplete(batch->jetstream, &options);
    if (s == NATS_OK)
        return s;
    natsMsgList forgotten = {0}; /* or the next batch would wait for them, too */
    if (js_PublishAsyncGetPendingList(&forgotten, batch->jetstream) == NATS_OK)
        natsMsgList_Destroy(&forgotten);
    return s;
}

enum status batch_publish(struct batch *batch, const struct bus_event *events, size_t count,
                          int64_t timeout_ms)
{
    natsStatus s = NATS_OK;
    pthread_mutex_lock(&batch->turn);
    atomic_store(&batch->refused, false);
    for (size_t i = 0; i < count && s == NATS_OK; i++)
        s = send_one(batch, &events[i]);
    natsStatus acked = wait_for_acks(batch, timeout_ms);
    bool good = s == NATS_OK && acked == NATS_OK && !atomic_load(&batch->refused);
    pthread_mutex_unlock(&batch->turn);
    return good ? STATUS_OK : STATUS_UNAVAILABLE;
}

void batch_free(struct batch *batch)
{
    if (!batch)
        return;
    jsCtx_Destroy(batch->jetstream);
    pthread_mutex_destroy(&batch->turn);
    free(batch);
}
