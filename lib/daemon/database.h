/* SPDX-License-Identifier: MIT */
/* The part of a daemon's life that is about its database. A program that has one names it
 * (&daemon_database); one that has none links neither this nor libpq. What DATABASE_URL and
 * DATABASE_PASSWORD say is put together here alone. */
#pragma once

#include "lib/base/buffer.h"
#include "lib/base/metrics.h"
#include "lib/base/status.h"
#include "lib/pg/migrate.h"

#include <stdbool.h>

struct database;
struct service_config;

/* How the service's own database is reached; slow statements are logged. name is shown in
 * pg_stat_activity; metrics may be NULL. All is borrowed. */
struct pg_options database_options(const struct service_config *config, const char *name,
                                   struct metrics *metrics);

/* All of it for the daemon's main thread, but is_up, which is for any. */
struct daemon_database {
    /* Appends a line when the password is given twice, in the URL and by itself: one of them would
     * be changed in vain. */
    void (*check_config)(const struct service_config *config, struct buffer *problems);

    /* Brings the schema up to date. STATUS_UNAVAILABLE while the server is away; says why. */
    enum status (*migrate)(const struct service_config *config,
                           const struct migrations *migrations);

    /* As database_options. Does not connect yet. */
    struct database *(*open)(const struct service_config *config, const char *name,
                             struct metrics *metrics);

    /* Connects, and prepares every query once. STATUS_UNAVAILABLE while the server is away; says
     * why. */
    enum status (*connect)(struct database *database);

    /* Looks whether the server is still there; says so when that changes. */
    void (*watch)(struct database *database);

    bool (*is_up)(const struct database *database);

    void (*close)(struct database *database);
};

extern const struct daemon_database daemon_database;
