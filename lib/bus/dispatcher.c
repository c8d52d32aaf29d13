/* SPDX-License-Identifier: MIT */
#include "lib/bus/dispatcher.h"

#include "lib/base/clock.h"
#include "lib/bus/discovery.h"
#include "lib/bus/subscriptions.h"

#include <pthread.h>

#define LABELS_SIZE 160

struct endpoint {
    struct dispatcher *dispatcher;
    struct dispatch_endpoint config;
    struct discovery_endpoint *shown;
    struct metric *calls[6]; /* by the first digit of the HTTP status */
    struct metric *seconds;
};

struct dispatcher {
    struct dispatcher_options options;
    struct endpoint *endpoints;
    struct discovery_endpoint *shown;
    struct subscriptions *subscriptions;
    struct discovery *discovery;
    pthread_mutex_t lock;
    pthread_cond_t idle;
    size_t in_hand; /* messages accepted and not yet answered */
};

/* A message on its way through a pool. */
struct dispatch_job {
    struct pool_job job; /* first: the pool gives this back */
    struct endpoint *endpoint;
    natsMsg *message;
    int64_t received_ms; /* wall */
    int64_t received_ns; /* monotonic */
};

/* ---- a message's way ---- */

static void count_call(struct endpoint *endpoint, int http_status, int64_t latency_ns,
                       int64_t processing_ns)
{
    struct discovery_endpoint *shown = endpoint->shown;
    shown->requests++;
    shown->processing_ns += processing_ns;
    if (http_status >= 500) {
        shown->errors++;
        shown->last_error = http_status;
    }
    size_t class = (size_t)http_status / 100;
    metric_add(class < ARRAY_LEN(endpoint->calls) ? endpoint->calls[class] : NULL, 1);
    metric_observe_ns(endpoint->seconds, latency_ns);
}

static void enter(struct dispatcher *dispatcher)
{
    pthread_mutex_lock(&dispatcher->lock);
    dispatcher->in_hand++;
    pthread_mutex_unlock(&dispatcher->lock);
}

/* The last to leave a dispatcher that is being drained lets it go. */
static void leave(struct dispatcher *dispatcher)
{
    pthread_mutex_lock(&dispatcher->lock);
    if (--dispatcher->in_hand == 0)
        pthread_cond_signal(&dispatcher->idle);
    pthread_mutex_unlock(&dispatcher->lock);
}

static void run_job(struct pool_job *job, void *worker)
{
    struct dispatch_job *call = (struct dispatch_job *)job;
    struct endpoint *endpoint = call->endpoint;
    int64_t started_ns = clock_mono_ns();
    int http_status =
        endpoint->config.handle(call->message, call->received_ms, endpoint->config.closure, worker);
    int64_t ended_ns = clock_mono_ns();
    count_call(endpoint, http_status, ended_ns - call->received_ns, ended_ns - started_ns);
    natsMsg_Destroy(call->message);
    free(call);
    leave(endpoint->dispatcher);
}

static void on_message(natsConnection *connection, natsSubscription *subscription, natsMsg *message,
                       void *closure)
{
    (void)connection;
    (void)subscription;
    struct endpoint *endpoint = closure;
    struct dispatch_job *call = calloc(1, sizeof(*call));
    if (!call)
        abort();
    *call = (struct dispatch_job){.job = {.run = run_job},
                                  .endpoint = endpoint,
                                  .message = message,
                                  .received_ms = clock_wall_ms(),
                                  .received_ns = clock_mono_ns()};
    enter(endpoint->dispatcher);
    if (pool_add(endpoint->config.pool, &call->job) == STATUS_OK)
        return;

    bus_reply_error(endpoint->dispatcher->options.bus, message, STATUS_UNAVAILABLE,
                    status_text(STATUS_UNAVAILABLE));
    count_call(endpoint, status_http(STATUS_UNAVAILABLE), 0, 0);
    natsMsg_Destroy(message);
    free(call);
    leave(endpoint->dispatcher);
}

/* ---- starting and ending ---- */

static void add_metrics(struct endpoint *endpoint, struct metrics *metrics)
{
    char labels[LABELS_SIZE];
    for (int class = 2; class <= 5; class ++) {
        snprintf(labels, sizeof(labels), "endpoint=\"%s\",class=\"%dxx\"", endpoint->config.name,
                 class);
        endpoint->calls[class] = metrics_counter(
            metrics, "ttb_calls_total", "Calls answered, by class of HTTP status.", labels);
    }
    snprintf(labels, sizeof(labels), "endpoint=\"%s\"", endpoint->config.name);
    endpoint->seconds =
        metrics_histogram(metrics, "ttb_call_seconds",
                          "Time from a call's arrival to the end of its handler.", labels);
}

static struct dispatcher *dispatcher_new(const struct dispatcher_options *options)
{
    struct dispatcher *dispatcher = calloc(1, sizeof(*dispatcher));
    if (!dispatcher)
        abort();
    dispatcher->options = *options;
    dispatcher->endpoints = calloc(options->count, sizeof(*dispatcher->endpoints));
    dispatcher->shown = calloc(options->count, sizeof(*dispatcher->shown));
    if (options->count > 0 && (!dispatcher->endpoints || !dispatcher->shown))
        abort();
    dispatcher->subscriptions = subscriptions_new(options->bus);
    pthread_mutex_init(&dispatcher->lock, NULL);
    pthread_cond_init(&dispatcher->idle, NULL);
    return dispatcher;
}

static enum status add_endpoint(struct dispatcher *dispatcher, size_t index)
{
    const struct dispatcher_options *options = &dispatcher->options;
    struct endpoint *endpoint = &dispatcher->endpoints[index];
    endpoint->dispatcher = dispatcher;
    endpoint->config = options->endpoints[index];
    endpoint->shown = &dispatcher->shown[index];
    endpoint->shown->name = endpoint->config.name;
    endpoint->shown->subject = endpoint->config.subject;
    endpoint->shown->queue = endpoint->config.fan_out ? NULL : options->service;
    if (options->metrics)
        add_metrics(endpoint, options->metrics);
    return subscriptions_add(dispatcher->subscriptions, endpoint->config.subject,
                             endpoint->shown->queue, on_message, endpoint);
}

static enum status start_discovery(struct dispatcher *dispatcher)
{
    const struct dispatcher_options *options = &dispatcher->options;
    const struct discovery_options discovery = {
        .bus = options->bus,
        .service = options->service,
        .version = options->version,
        .description = options->description,
        .endpoints = dispatcher->shown,
        .count = options->count,
    };
    return discovery_start(&discovery, &dispatcher->discovery);
}

enum status dispatcher_start(const struct dispatcher_options *options,
                             struct dispatcher **ret_dispatcher)
{
    struct dispatcher *dispatcher = dispatcher_new(options);
    enum status status = STATUS_OK;
    for (size_t i = 0; i < options->count && status == STATUS_OK; i++)
        status = add_endpoint(dispatcher, i);
    if (status == STATUS_OK)
        status = start_discovery(dispatcher);
    if (status == STATUS_OK)
        status = subscriptions_flush(dispatcher->subscriptions);
    if (status != STATUS_OK) {
        dispatcher_free(dispatcher);
        return status;
    }
    *ret_dispatcher = dispatcher;
    return STATUS_OK;
}

void dispatcher_drain(struct dispatcher *dispatcher)
{
    discovery_stop(TAKE(dispatcher->discovery));
    subscriptions_drain(dispatcher->subscriptions);

    pthread_mutex_lock(&dispatcher->lock);
    while (dispatcher->in_hand > 0)
        pthread_cond_wait(&dispatcher->idle, &dispatcher->lock);
    pthread_mutex_unlock(&dispatcher->lock);
}

void dispatcher_free(struct dispatcher *dispatcher)
{
    if (!dispatcher)
        return;
    dispatcher_drain(dispatcher);
    subscriptions_free(dispatcher->subscriptions);
    pthread_cond_destroy(&dispatcher->idle);
    pthread_mutex_destroy(&dispatcher->lock);
    free(dispatcher->endpoints);
    free(dispatcher->shown);
    free(dispatcher);
}
