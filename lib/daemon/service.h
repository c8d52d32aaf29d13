/* SPDX-License-Identifier: MIT */
/* What the services do alike when they start and stop: an API server with its pools on the daemon's
 * bus and database; the outbox's relay and the inbox, where the service has them; and a thread that
 * tidies up once a minute. */
#pragma once

#include "lib/api/inbox.h"
#include "lib/api/server.h"
#include "lib/daemon/daemon.h"

struct service;

struct service_options {
    const struct api_service *api;
    const struct service_config *config;
    const void *app;       /* what handlers find in call->app */
    unsigned hash_workers; /* 0: no such pool */
    unsigned hash_queue;
    unsigned work_workers; /* 0: no such pool */
    unsigned work_queue;
    bool has_outbox; /* the table <service>.outbox, told as evt.<service>.<what> */
    const struct inbox_subscription *subscriptions; /* with the table <service>.inbox */
    size_t subscription_count;
    /* Removes what has had its time; called once a minute in a thread of its own, by every replica.
     * May be NULL. The inbox's old ids go by themselves. */
    enum status (*tidy)(struct call *call);
};

/* Serves. STATUS_UNAVAILABLE when the bus is away. */
MUST_CHECK enum status service_start(struct daemon *daemon, const struct service_options *options,
                                     struct service **ret_service);

/* How the service's workers reach the database, for connections of the service's own threads. */
const struct pg_options *service_database(const struct service *service);

/* Loses no accepted call. Takes NULL. */
void service_stop(struct service *service);
