/* SPDX-License-Identifier: MIT */
/* Learns which gifts there are, for all replicas: from the gifts that are seen in lives, and from
 * TikTok's own list, which is asked for once every CATALOGUE_LIST_S, where it can be had. What is
 * new is written down by a thread of its own, about once a second at most; lives wait for neither
 * Postgres nor TikTok. */
#pragma once

#include "lib/base/metrics.h"
#include "lib/pg/pg.h"
#include "services/events/domain/gift_set.h"
#include "services/events/domain/live_event.h"

#include <stdbool.h>

#define CATALOGUE_LIST_S (6 * 3600)

struct catalogue;

/* All is borrowed for the life of the catalogue. */
struct catalogue_options {
    const struct pg_options *database;
    const char *webcast_base; /* "https://webcast.tiktok.com" */
    const char *ca_file;      /* as webcast_options' */
    bool asks_list;           /* or learns from lives alone */
    struct metrics *metrics;
};

struct catalogue *catalogue_start(const struct catalogue_options *options);

/* Something happened in a live: a gift, or at least a room whose id TikTok may be asked with. From
 * any thread; takes no time. */
void catalogue_take_event(struct catalogue *catalogue, const struct live_event *event);

/* What is known of a gift, for a message that does not say. From any thread; takes no time. False
 * for one that nobody has described. */
MUST_CHECK bool catalogue_describe(struct catalogue *catalogue, int64_t gift_id,
                                   char ret_name[GIFT_NAME_MAX_BYTES + 1],
                                   int64_t *ret_diamond_count);

/* Writes what it has, once, and ends the thread. Takes NULL. */
void catalogue_stop(struct catalogue *catalogue);
