/* SPDX-License-Identifier: MIT */
/* The requests that wait for a speech, for pending.c, whose lock guards them. Strangers wait for
 * what nobody here makes. */
#pragma once

#include "lib/base/metrics.h"
#include "services/media/speech/path.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct waiter {
    struct speech_path path;
    void (*wake)(void *closure);
    void *closure;
    int64_t since_ms; /* of clock_mono_ms */
    int64_t until_ms;
    bool is_stranger;
    struct waiter *next;
};

struct waiters {
    unsigned max;
    unsigned strangers_max; /* of them */
    struct waiter *first;
    unsigned count;
    unsigned strangers;
    struct metric *waiting;
    struct metric *refused;
};

/* In place, empty. metrics may be NULL. */
void waiters_init(struct waiters *waiters, unsigned max, unsigned strangers_max,
                  struct metrics *metrics);

/* Adds a copy. False when no more may wait. */
MUST_CHECK bool waiters_add(struct waiters *waiters, const struct waiter *waiter);

/* Each wakes, and removes, some: those of a path, of a folder, whose time is up, all. */
void waiters_wake_path(struct waiters *waiters, const char *path);
void waiters_wake_folder(struct waiters *waiters, const struct speech_folder *folder);
void waiters_wake_late(struct waiters *waiters, int64_t now_ms);
void waiters_wake_all(struct waiters *waiters);

/* Those of the path are strangers no longer, and wait for wait_ms since they came. */
void waiters_adopt(struct waiters *waiters, const char *path, int64_t wait_ms);

/* When the first one's time is up; INT64_MAX for nobody's. */
int64_t waiters_next_ms(const struct waiters *waiters);

/* What the strangers wait for: at most strangers_max paths. Returns how many. */
size_t waiters_of_strangers(const struct waiters *waiters, struct speech_path *ret_paths);
