/* SPDX-License-Identifier: MIT */
#include "services/gateway/body.h"

#include <assert.h>
#include <stdatomic.h>

struct bodies {
    size_t max;
    atomic_size_t used;
    struct metric *gauge;
    struct metric *refused;
};

struct bodies *bodies_new(size_t max_bytes, struct metrics *metrics)
{
    struct bodies *bodies = calloc(1, sizeof(*bodies));
    if (!bodies)
        abort();
    bodies->max = max_bytes;
    if (!metrics)
        return bodies;
    bodies->gauge = metrics_gauge(metrics, "ttb_http_body_memory_bytes",
                                  "Bodies of requests, and of replies in parts, in memory.", "");
    metric_set(metrics_gauge(metrics, "ttb_http_body_memory_limit_bytes",
                             "Memory that they may have together.", ""),
               (int64_t)max_bytes);
    bodies->refused = metrics_counter(metrics, "ttb_http_body_memory_refused_total",
                                      "Bodies for which there was no memory left.", "");
    return bodies;
}

static bool count(struct bodies *bodies, size_t size)
{
    if (atomic_fetch_add(&bodies->used, size) + size <= bodies->max) {
        metric_add(bodies->gauge, (int64_t)size);
        return true;
    }
    atomic_fetch_sub(&bodies->used, size);
    metric_add(bodies->refused, 1);
    return false;
}

void body_init(struct body *body, struct bodies *bodies, size_t max_bytes)
{
    buffer_init(&body->buffer, max_bytes);
    body->bodies = bodies;
}

struct body *body_new(struct bodies *bodies, size_t max_bytes)
{
    struct body *body = malloc(sizeof(*body));
    if (!body)
        abort();
    body_init(body, bodies, max_bytes);
    return body;
}

enum status body_add(struct body *body, const void *data, size_t size)
{
    if (size > body->buffer.max - body->buffer.size)
        return STATUS_TOO_LARGE;
    if (!count(body->bodies, size))
        return STATUS_UNAVAILABLE;
    buffer_add(&body->buffer, data, size);
    return STATUS_OK;
}

struct slice body_slice(const struct body *body)
{
    return buffer_slice(&body->buffer);
}

void body_done(struct body *body)
{
    size_t size = body->buffer.size;
    buffer_done(&body->buffer);
    atomic_fetch_sub(&body->bodies->used, size);
    metric_add(body->bodies->gauge, -(int64_t)size);
}

void body_free(struct body *body)
{
    if (!body)
        return;
    body_done(body);
    free(body);
}

void bodies_free(struct bodies *bodies)
{
    if (!bodies)
        return;
    assert(atomic_load(&bodies->used) == 0);
    free(bodies);
}
