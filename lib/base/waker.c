/* SPDX-License-Identifier: MIT */
#include "lib/base/waker.h"

#include "lib/base/clock.h"

void waker_init(struct waker *waker)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    *waker = (struct waker){0};
    pthread_cond_init(&waker->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&waker->lock, NULL);
}

static void raise_flag(struct waker *waker, bool *flag)
{
    pthread_mutex_lock(&waker->lock);
    *flag = true;
    pthread_cond_broadcast(&waker->changed);
    pthread_mutex_unlock(&waker->lock);
}

void waker_nudge(struct waker *waker)
{
    raise_flag(waker, &waker->nudged);
}

void waker_stop(struct waker *waker)
{
    raise_flag(waker, &waker->stopping);
}

bool waker_is_stopping(struct waker *waker)
{
    pthread_mutex_lock(&waker->lock);
    bool stopping = waker->stopping;
    pthread_mutex_unlock(&waker->lock);
    return stopping;
}

static void sleep_until_told(struct waker *waker, int64_t ms, bool heed_nudges)
{
    int64_t until_ms = clock_mono_ms() + ms;
    struct timespec until = {until_ms / 1000, until_ms % 1000 * 1000000};
    int waited = 0;
    pthread_mutex_lock(&waker->lock);
    while (!waker->stopping && !(heed_nudges && waker->nudged) && waited == 0)
        waited = pthread_cond_timedwait(&waker->changed, &waker->lock, &until);
    if (heed_nudges)
        waker->nudged = false;
    pthread_mutex_unlock(&waker->lock);
}

void waker_wait(struct waker *waker, int64_t ms)
{
    sleep_until_told(waker, ms, true);
}

void waker_pause(struct waker *waker, int64_t ms)
{
    sleep_until_told(waker, ms, false);
}

void waker_done(struct waker *waker)
{
    pthread_cond_destroy(&waker->changed);
    pthread_mutex_destroy(&waker->lock);
}
