/* SPDX-License-Identifier: MIT */
/* Both ends of live.<user>: a publisher, and a connection that hears what it sends. */
#pragma once

#include "lib/base/uuid.h"
#include "services/events/live/publisher.h"
#include "tests/support/servers.h"

#define LONG_MS 20000

struct listener {
    struct metrics *metrics;
    struct bus *bus; /* the publisher's */
    struct bus *own;
    struct publisher *publisher;
    natsSubscription *subscription;
};

static inline struct bus *open_bus(const char *name)
{
    const struct bus_options options = {.url = NATS_URL, .name = name};
    struct bus *bus = NULL;
    assert_int_equal(bus_open(&options, &bus), STATUS_OK);
    return bus;
}

static inline void listener_open(struct listener *listener)
{
    listener->metrics = metrics_new();
    listener->bus = open_bus("events");
    listener->own = open_bus("gateway");
    assert_int_equal(publisher_new(listener->bus, listener->metrics, &listener->publisher),
                     STATUS_OK);
    natsConnection *connection = bus_connection(listener->own);
    assert_int_equal(natsConnection_SubscribeSync(&listener->subscription, connection, "live.>"),
                     NATS_OK);
    assert_int_equal(natsConnection_FlushTimeout(connection, LONG_MS), NATS_OK);
}

/* The next event is one for that user, with text in it. Events come in the order of sending. */
static inline void listener_expect(struct listener *listener, const struct uuid *user,
                                   const char *text)
{
    natsMsg *message = NULL;
    assert_int_equal(natsSubscription_NextMsg(&message, listener->subscription, LONG_MS), NATS_OK);
    char subject[64];
    (void)snprintf(subject, sizeof(subject), "live.%s", user->text);
    assert_string_equal(natsMsg_GetSubject(message), subject);
    if (!strstr(natsMsg_GetData(message), text))
        fail_msg("no %s in %s", text, natsMsg_GetData(message));
    natsMsg_Destroy(message);
}

static inline void listener_close(struct listener *listener)
{
    natsSubscription_Destroy(listener->subscription);
    publisher_free(listener->publisher);
    bus_close(listener->own);
    bus_close(listener->bus);
    metrics_free(listener->metrics);
}
