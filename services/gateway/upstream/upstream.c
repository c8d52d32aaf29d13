/* SPDX-License-Identifier: MIT */
#include "services/gateway/upstream/upstream.h"

#include "lib/api/call.h"
#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "lib/bus/dispatcher.h"
#include "lib/bus/subscriptions.h"

#include <pthread.h>
#include <stdatomic.h>

#define INBOX_SIZE 96
#define TICK_MS 50 /* how late a 504 may be */

struct upstream {
    struct bus *bus;
    struct pending *pending;
    char inbox[INBOX_SIZE]; /* prefix of the reply subjects, with its last dot */
    struct subscriptions *replies;
    pthread_t ticker;
    atomic_bool stopping;
    struct metric *pending_gauge;
};

static int reply_status(natsMsg *reply)
{
    int64_t status = 200;
    const char *text = bus_header_get(reply, BUS_STATUS_HEADER);
    if (text && !text_parse_int(text, 200, 599, &status))
        return status_http(STATUS_INTERNAL);
    return (int)status;
}

static void end(struct upstream *upstream, const struct pending_entry *entry, int http_status,
                natsMsg *reply)
{
    metric_add(upstream->pending_gauge, -1);
    entry->done(entry->closure, http_status, reply);
}

/* An answer, or the server's word that nobody serves the subject. One without an entry came too
 * late or a second time. */
static void on_reply(natsConnection *connection, natsSubscription *subscription, natsMsg *message,
                     void *closure)
{
    (void)connection;
    (void)subscription;
    struct upstream *upstream = closure;
    struct pending_entry entry;
    AUTO(natsMsg_Destroy) natsMsg *reply = message;
    const char *subject = natsMsg_GetSubject(reply);
    if (!text_starts_with(subject, upstream->inbox))
        return;
    uint64_t ticket = strtoull(subject + strlen(upstream->inbox), NULL, 16);
    if (!pending_take(upstream->pending, ticket, &entry))
        return;
    if (natsMsg_IsNoResponders(reply)) {
        end(upstream, &entry, status_http(STATUS_UNAVAILABLE), NULL);
        return;
    }
    int status = reply_status(reply);
    end(upstream, &entry, status, TAKE(reply));
}

static void *run_ticker(void *closure)
{
    struct upstream *upstream = closure;
    struct pending_entry entry;
    while (!atomic_load(&upstream->stopping)) {
        clock_sleep_ms(TICK_MS);
        while (pending_take_expired(upstream->pending, clock_mono_ms(), &entry))
            end(upstream, &entry, status_http(STATUS_TIMEOUT), NULL);
    }
    return NULL;
}

static enum status subscribe(struct upstream *upstream)
{
    char wildcard[INBOX_SIZE + 1];
    snprintf(wildcard, sizeof(wildcard), "%s*", upstream->inbox);
    return subscriptions_add(upstream->replies, wildcard, NULL, on_reply, upstream);
}

enum status upstream_start(struct bus *bus, unsigned max_pending, struct metrics *metrics,
                           struct upstream **ret_upstream)
{
    struct upstream *upstream = calloc(1, sizeof(*upstream));
    if (!upstream)
        abort();
    upstream->bus = bus;
    upstream->pending = pending_new(max_pending);
    upstream->pending_gauge = metrics_gauge(metrics, "ttb_upstream_pending_requests",
                                            "Requests that await a service's answer.", "");
    upstream->replies = subscriptions_new(bus);
    snprintf(upstream->inbox, sizeof(upstream->inbox), "_INBOX.gateway.%s.", bus_id(bus));

    enum status status = subscribe(upstream);
    if (status != STATUS_OK) {
        upstream_free(upstream);
        return status;
    }
    if (pthread_create(&upstream->ticker, NULL, run_ticker, upstream) != 0)
        abort();
    *ret_upstream = upstream;
    return STATUS_OK;
}

static enum status publish(struct upstream *upstream, const struct upstream_request *request,
                           uint64_t ticket)
{
    char reply_to[INBOX_SIZE + 16];
    char deadline[24];
    AUTO(natsMsg_Destroy) natsMsg *message = NULL;
    snprintf(reply_to, sizeof(reply_to), "%s%llx", upstream->inbox, (unsigned long long)ticket);
    snprintf(deadline, sizeof(deadline), "%lld",
             (long long)(clock_wall_ms() + request->timeout_ms));
    enum status status = bus_message(request->subject, reply_to, request->headers,
                                     request->header_count, request->body, &message);
    if (status != STATUS_OK)
        return status;
    if (natsMsgHeader_Set(message, CALL_HEADER_DEADLINE, deadline) != NATS_OK)
        return STATUS_UNAVAILABLE;
    return bus_publish(upstream->bus, TAKE(message));
}

void upstream_send(struct upstream *upstream, const struct upstream_request *request,
                   upstream_fn done, void *closure)
{
    struct pending_entry entry = {done, closure, clock_mono_ms() + request->timeout_ms};
    uint64_t ticket;
    if (atomic_load(&upstream->stopping) || !pending_add(upstream->pending, &entry, &ticket)) {
        done(closure, status_http(STATUS_UNAVAILABLE), NULL);
        return;
    }
    metric_add(upstream->pending_gauge, 1);
    /* Looked at again: a stop between the first look and the add may have passed the entry by. */
    enum status status =
        atomic_load(&upstream->stopping) ? STATUS_UNAVAILABLE : publish(upstream, request, ticket);
    if (status != STATUS_OK && pending_take(upstream->pending, ticket, &entry))
        end(upstream, &entry, status_http(status), NULL);
}

static void end_all(struct upstream *upstream)
{
    struct pending_entry entry;
    while (pending_take_expired(upstream->pending, INT64_MAX, &entry))
        end(upstream, &entry, status_http(STATUS_UNAVAILABLE), NULL);
}

void upstream_stop(struct upstream *upstream)
{
    atomic_store(&upstream->stopping, true);
    pthread_join(upstream->ticker, NULL);
    subscriptions_drain(upstream->replies);
    end_all(upstream);
}

void upstream_free(struct upstream *upstream)
{
    if (!upstream)
        return;
    subscriptions_free(upstream->replies);
    pending_free(upstream->pending);
    free(upstream);
}
