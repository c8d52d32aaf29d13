/* SPDX-License-Identifier: MIT */
/* What the services do alike when they start and stop: an API server with its pools on the daemon's
 * bus and database. */
#pragma once

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
};

/* Serves. STATUS_UNAVAILABLE when the bus is away. */
MUST_CHECK enum status service_start(struct daemon *daemon, const struct service_options *options,
                                     struct service **ret_service);

/* How the service's workers reach the database, for connections of the service's own threads. */
const struct pg_options *service_database(const struct service *service);

/* Loses no accepted call. Takes NULL. */
void service_stop(struct service *service);
