/* SPDX-License-Identifier: MIT */
/* Threads that hash and do nothing else, at a lower priority than the rest of the machine. Whoever
 * needs a hash waits in a thread of its own priority, with whatever it holds; the lane's threads
 * run pure computation only: no allocation, no I/O, no lock that anybody else may want, since a
 * thread that the kernel passes over would make everybody wait who wants it, too. */
#pragma once

#include "lib/base/macros.h"

#include <stdbool.h>

struct hash_lane;

/* The computation; it touches nothing but what closure shows it. */
typedef void (*hash_lane_fn)(void *closure);

struct hash_lane *hash_lane_new(unsigned threads);

/* Runs compute in one of the threads, first come, first served, and returns when it is done. From
 * any thread. */
void hash_lane_run(struct hash_lane *lane, hash_lane_fn compute, void *closure);

/* Whether jobs wait for a thread. */
bool hash_lane_is_busy(struct hash_lane *lane);

/* Nobody may wait any longer. Takes NULL. */
void hash_lane_free(struct hash_lane *lane);

AUTO_DEFINE(struct hash_lane *, hash_lane_free)
