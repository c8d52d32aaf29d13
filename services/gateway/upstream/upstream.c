/* SPDX-License-Identifier: MIT */
#include "services/gateway/upstream/upstream.h"

#include "lib/api/call.h"
#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "lib/bus/reply.h"
#include "lib/bus/subscriptions.h"

#include <pthread.h>
#include <stdatomic.h>

#define INBOX_SIZE 96
#define TICK_MS 50 /* how late a 504 may be */

struct upstream {
    struct bus *bus;
    struct bodies *bodies;
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

/* The parts are of no use without their end. */
static void end(struct upstream *upstream, struct pending_entry *entry, int http_status,
                natsMsg *reply)
{
    metric_add(upstream->pending_gauge, -1);
    struct body *joined = reply ? TAKE(entry->joined) : NULL;
    body_free(entry->joined);
    entry->done(entry->closure, http_status, reply, joined);
}

static enum status add_part(struct upstream *upstream, struct pending_entry *entry, natsMsg *part)
{
    if (!entry->takes_parts)
        return STATUS_INTERNAL;
    if (!entry->joined)
        entry->joined = body_new(upstream->bodies, BUS_REPLY_MAX_BYTES);
    enum status status =
        body_add(entry->joined, natsMsg_GetData(part), (size_t)natsMsg_GetDataLength(part));
    return status == STATUS_OK ? STATUS_OK : STATUS_UNAVAILABLE;
}

static void on_part(struct upstream *upstream, uint64_t ticket, natsMsg *part)
{
    struct pending_entry entry;
    if (!pending_borrow(upstream->pending, ticket, &entry))
        return;
    enum status status = add_part(upstream, &entry, part);
    pending_give_back(upstream->pending, ticket, &entry);
    if (status != STATUS_OK && pending_take(upstream->pending, ticket, &entry))
        end(upstream, &entry, status_http(status), NULL);
}

/* Joins the last part to those before, if there were any: a broken connection may have lost some,
 * or all. */
static enum status join(struct upstream *upstream, struct pending_entry *entry, natsMsg *last)
{
    int64_t size;
    const char *text = bus_header_get(last, BUS_SIZE_HEADER);
    if (!text && !entry->joined)
        return STATUS_OK;
    enum status status = add_part(upstream, entry, last);
    if (status != STATUS_OK)
        return status;
    bool is_whole = text && text_parse_int(text, 0, INT64_MAX, &size) &&
                    (size_t)size == body_slice(entry->joined).size;
    return is_whole ? STATUS_OK : STATUS_UNAVAILABLE;
}

static void on_last(struct upstream *upstream, uint64_t ticket, natsMsg *message)
{
    struct pending_entry entry;
    AUTO(natsMsg_Destroy) natsMsg *reply = message;
    if (!pending_take(upstream->pending, ticket, &entry))
        return;
    enum status status = STATUS_UNAVAILABLE;
    if (!natsMsg_IsNoResponders(reply))
        status = join(upstream, &entry, reply);
    if (status != STATUS_OK) {
        end(upstream, &entry, status_http(status), NULL);
        return;
    }
    int http_status = reply_status(reply);
    end(upstream, &entry, http_status, TAKE(reply));
}

/* An answer, a part of one, or the server's word that nobody serves the subject. One without an
 * entry came too late or a second time. */
static void on_reply(natsConnection *connection, natsSubscription *subscription, natsMsg *message,
                     void *closure)
{
    (void)connection;
    (void)subscription;
    struct upstream *upstream = closure;
    AUTO(natsMsg_Destroy) natsMsg *reply = message;
    const char *subject = natsMsg_GetSubject(reply);
    if (!text_starts_with(subject, upstream->inbox))
        return;
    uint64_t ticket = strtoull(subject + strlen(upstream->inbox), NULL, 16);
    if (bus_header_get(reply, BUS_MORE_HEADER))
        on_part(upstream, ticket, reply);
    else
        on_last(upstream, ticket, TAKE(reply));
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

enum status upstream_start(const struct upstream_options *options, struct upstream **ret_upstream)
{
    struct upstream *upstream = calloc(1, sizeof(*upstream));
    if (!upstream)
        abort();
    upstream->bus = options->bus;
    upstream->bodies = options->bodies;
    upstream->pending = pending_new(options->max_pending);
    upstream->pending_gauge = metrics_gauge(options->metrics, "ttb_upstream_pending_requests",
                                            "Requests that await a service's answer.", "");
    metric_set(metrics_gauge(options->metrics, "ttb_upstream_pending_limit",
                             "Requests that may await one.", ""),
               options->max_pending);
    upstream->replies = subscriptions_new(options->bus);
    snprintf(upstream->inbox, sizeof(upstream->inbox), "_INBOX.gateway.%s.", bus_id(options->bus));

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
    struct pending_entry entry = {.done = done,
                                  .closure = closure,
                                  .deadline_ms = clock_mono_ms() + request->timeout_ms,
                                  .takes_parts = request->takes_parts};
    uint64_t ticket;
    if (atomic_load(&upstream->stopping) || !pending_add(upstream->pending, &entry, &ticket)) {
        done(closure, status_http(STATUS_UNAVAILABLE), NULL, NULL);
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
