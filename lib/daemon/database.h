/* SPDX-License-Identifier: MIT */
/* The part of a daemon's life that is about its database. A program that has one names it
 * (&daemon_database); one that has none links neither this nor libpq. */
#pragma once

#include "lib/base/metrics.h"
#include "lib/base/status.h"
#include "lib/pg/migrate.h"

#include <stdbool.h>

struct database;

/* All of it for the daemon's main thread, but is_up, which is for any. */
struct daemon_database {
    /* Brings the schema up to date. STATUS_UNAVAILABLE while the server is away; says why. */
    enum status (*migrate)(const char *url, const struct migrations *migrations);

    /* name and url are borrowed. Does not connect yet. */
    struct database *(*open)(const char *name, const char *url, struct metrics *metrics);

    /* Connects, and prepares every query once. STATUS_UNAVAILABLE while the server is away; says
     * why. */
    enum status (*connect)(struct database *database);

    /* Looks whether the server is still there; says so when that changes. */
    void (*watch)(struct database *database);

    bool (*is_up)(const struct database *database);

    void (*close)(struct database *database);
};

extern const struct daemon_database daemon_database;
