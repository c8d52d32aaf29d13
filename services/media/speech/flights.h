/* SPDX-License-Identifier: MIT */
/* Who wants a speech that is being made: it is made once for all that ask for the same (cache.h's
 * key) meanwhile, and each gets a file of its own. Bounded; any thread. */
#pragma once

#include "services/media/speech/cache.h"
#include "services/media/speech/path.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct flights;

enum flight_role {
    FLIGHT_LEAD, /* nobody makes it: the caller does, and ends with flights_land */
    FLIGHT_JOIN, /* somebody does */
    FLIGHT_FULL, /* somebody does, for as many as may wait */
};

/* The paths that what was made is for. */
struct flight_paths {
    struct speech_path *paths; /* in the order of asking; the caller frees it */
    size_t count;
};

/* joins_max: paths of one flight, beside the leader's. */
struct flights *flights_new(size_t joins_max);

/* deadline_ms, of clock_mono_ms: path has no use of the speech after that. */
MUST_CHECK enum flight_role flights_join(struct flights *flights, const struct speech_key *key,
                                         const struct speech_path *path, int64_t deadline_ms);

/* path has no use of it any more. Whether it was to get what is being made: then it does not, and
 * is the caller's to see to. */
MUST_CHECK bool flights_leave(struct flights *flights, const struct speech_path *path);

/* Ends what the caller leads, if nobody wants it by now. */
MUST_CHECK bool flights_end_unwanted(struct flights *flights, const struct speech_key *key);

/* The latest deadline of those who want what the caller makes. */
int64_t flights_deadline_ms(struct flights *flights, const struct speech_key *key);

/* Ends what the caller leads: from now on somebody else may. */
struct flight_paths flights_land(struct flights *flights, const struct speech_key *key);

/* All must have landed. Takes NULL. */
void flights_free(struct flights *flights);

AUTO_DEFINE(struct flights *, flights_free)
