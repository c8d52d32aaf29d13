/* SPDX-License-Identifier: MIT */
/* How many requests a client may make in a minute, by class of route (lib/base/allowance.h: a
 * minute's worth may come at once). Any thread asks. */
#pragma once

#include "lib/base/allowance.h"
#include "lib/base/metrics.h"
#include "services/gateway/http/route.h"

#define LIMITS_WINDOW_S 60

struct limits;

/* Whom a request counts on. */
struct limits_key {
    struct allowance_key client;
};

struct limits_verdict {
    bool is_refused;
    unsigned limit; /* of a window; 0: there is none, and the rest is 0 too */
    unsigned remaining;
    unsigned reset_s; /* until one more remains; when refused, until the next is granted */
};

/* factor multiplies every limit; 0 means none. metrics may be NULL. */
struct limits *limits_new(double factor, struct metrics *metrics);

struct limits_key limits_user_key(const struct uuid *user_id);

/* Of an IPv6 address only the network of 64 bits counts: one customer has all of it. */
struct limits_key limits_address_key(const char *address);

/* Counts a request, unless it is refused. */
struct limits_verdict limits_take(struct limits *limits, enum route_rate rate,
                                  const struct limits_key *key, int64_t now_mono_ns);

/* Takes NULL. */
void limits_free(struct limits *limits);
