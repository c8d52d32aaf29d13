/* SPDX-License-Identifier: MIT */
/* Lets a thread sleep between the rounds of its work, until there is something to do or it is told
 * to end. */
#pragma once

#include "lib/base/macros.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct waker {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool nudged;
    bool stopping;
};

void waker_init(struct waker *waker);

/* There is something to do. Kept until the next waker_wait, however late that comes. From any
 * thread. */
void waker_nudge(struct waker *waker);

/* Time to end; stays so. From any thread. */
void waker_stop(struct waker *waker);

bool waker_is_stopping(struct waker *waker);

/* Sleeps for ms, or until a nudge or the stop. */
void waker_wait(struct waker *waker, int64_t ms);

/* Sleeps for ms or until the stop, whatever nudges come: they stay for waker_wait. */
void waker_pause(struct waker *waker, int64_t ms);

/* When no thread uses it any longer. */
void waker_done(struct waker *waker);
