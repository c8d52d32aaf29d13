/* SPDX-License-Identifier: MIT */
/* Connections to the bus, who listens there, and a stream. */
#pragma once

#include "lib/bus/stream.h"
#include "lib/bus/subscriptions.h"
#include "tests/support/servers.h"

#include <stdatomic.h>

#define LONG_MS 20000

static inline struct bus *open_bus(const char *name)
{
    const struct bus_options options = {.url = NATS_URL, .name = name};
    struct bus *bus = NULL;
    assert_int_equal(bus_open(&options, &bus), STATUS_OK);
    return bus;
}

/* Has no headers and no reply subject. */
static inline natsMsg *make_message(const char *subject, const char *body)
{
    natsMsg *message = NULL;
    struct slice bytes = {body, strlen(body)};
    assert_int_equal(bus_message(subject, NULL, NULL, 0, bytes, &message), STATUS_OK);
    return message;
}

/* Counts what comes in the atomic_int of closure, which may be NULL. */
static inline void stay_silent(natsConnection *connection, natsSubscription *subscription,
                               natsMsg *message, void *closure)
{
    (void)connection;
    (void)subscription;
    natsMsg_Destroy(message);
    if (closure)
        atomic_fetch_add((atomic_int *)closure, 1);
}

static inline struct subscriptions *serve(struct bus *bus, const char *subject,
                                          natsMsgHandler callback, void *closure)
{
    struct subscriptions *subscriptions = subscriptions_new(bus);
    assert_int_equal(subscriptions_add(subscriptions, subject, NULL, callback, closure), STATUS_OK);
    assert_int_equal(subscriptions_flush(subscriptions), STATUS_OK);
    return subscriptions;
}

/* ---- a stream, there as long as its publisher is open ---- */

static const struct stream test_stream = {
    .name = "BUSTEST",
    .subjects = "bustest.stored.>",
    .keep_ms = 60000,
    .max_per_subject = 1000,
    .max_bytes = 1024 * 1024,
};

static inline struct bus *open_with_stream(void)
{
    struct bus *bus = open_bus("publisher");
    assert_int_equal(stream_ensure(bus, &test_stream), STATUS_OK);
    return bus;
}

static inline void close_with_stream(struct bus *bus)
{
    assert_int_equal(js_DeleteStream(bus_jetstream(bus), test_stream.name, NULL, NULL), NATS_OK);
    bus_close(bus);
}
