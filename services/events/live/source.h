/* SPDX-License-Identifier: MIT */
/* Where the events of lives come from: TikTok's client, with what the catalogue of gifts knows
 * added, or, for those who have no live, the test feed. */
#pragma once

#include "services/events/config.h"
#include "services/events/live/publisher.h"
#include "services/events/live/rooms.h"

/* The "live" of those who have none: chat and gifts that are made up. */
#define SOURCE_TEST_FEED ""

struct source;

/* All is borrowed for the life of the source. */
struct source_options {
    const struct events_config *config;
    const struct pg_options *database;
    struct publisher *publisher;
    struct rooms *rooms; /* are told what happens */
    struct metrics *metrics;
};

struct source *source_start(const struct source_options *options);

/* The live is served from now on, or no longer. From any thread; return at once. */
void source_open(struct source *source, const char *name);
void source_close(struct source *source, const char *name);

/* So many replicas, this one among them, share what may be asked of TikTok's sign server. */
void source_share(struct source *source, unsigned replicas);

/* Once a second, in one thread: the test feed goes on. The arena is for the length of the call. */
void source_tick(struct source *source, struct arena *arena);

/* No event comes after it. Takes NULL. */
void source_stop(struct source *source);
