/* SPDX-License-Identifier: MIT */
/* Writes what must be remembered of a live to Postgres, behind what happens: a thread of its own
 * takes what has gathered in some 50 ms and writes it as one. While Postgres is away it is kept, up
 * to a bound, past which the oldest is given up and counted. What a kill takes with it is those
 * 50 ms. */
#pragma once

#include "lib/base/metrics.h"
#include "services/events/store/memories.h"
#include "services/events/store/streams.h"

struct recorder;

struct recorder *recorder_start(const struct pg_options *database, struct metrics *metrics);

/* From any thread; texts are copied. None of them waits. */
void recorder_add_firing(struct recorder *recorder, const struct firing *firing);
void recorder_add_viewer(struct recorder *recorder, const struct viewer_memory *viewer);
void recorder_add_state(struct recorder *recorder, const struct stream_state *state);

/* After what has gathered is written, if Postgres takes it. Takes NULL. */
void recorder_stop(struct recorder *recorder);
