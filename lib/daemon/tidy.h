/* SPDX-License-Identifier: MIT */
/* A service's thread that removes what has had its time: when it starts, and then about once a
 * minute, at odd moments, so that replicas come one after another. */
#pragma once

#include "lib/api/call.h"

struct tidy_options {
    struct bus *bus;
    const struct pg_options *database;
    const void *app;                        /* for call->app */
    enum status (*tidy)(struct call *call); /* outside of a transaction; may be NULL */
    const char *inbox_schema;               /* whose inbox forgets old ids; NULL: no inbox */
    void (*on_news)(void *closure);         /* as in api_server_options */
    void *news_closure;
};

struct tidy;

/* Options are borrowed but for the struct itself. */
struct tidy *tidy_start(const struct tidy_options *options);

/* After the round under way. Takes NULL. */
void tidy_stop(struct tidy *tidy);
