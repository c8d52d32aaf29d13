/* SPDX-License-Identifier: MIT */
#include "services/media/speech/sweeper.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/waker.h"
#include "services/media/speech/cache.h"
#include "services/media/speech/store.h"

#include <assert.h>
#include <stdatomic.h>

#define INTERVAL_MAX_S 60
#define PAUSE_MS 1000 /* however fast the cache grows */

struct speech_sweeper {
    struct speech_sweeper_options options;
    int64_t interval_ms;
    _Atomic uint64_t held; /* by the cache: as swept, and what came since */
    struct metric *swept;
    struct metric *evicted;
    struct metric *expired;
    struct metric *bytes;
    struct metric *files;
    struct waker waker;
    pthread_t thread;
};

static void sweep_files(struct speech_sweeper *sweeper)
{
    int64_t before_ms = clock_wall_ms() - (int64_t)sweeper->options.retention_seconds * 1000;
    unsigned removed = speech_store_sweep(sweeper->options.root, before_ms);
    metric_add(sweeper->swept, removed);
    if (removed > 0)
        log_debug(NULL, "old speech is removed", LOG_INT("files", removed));
}

static void sweep_cache(struct speech_sweeper *sweeper)
{
    const struct speech_sweeper_options *options = &sweeper->options;
    int64_t before_s = clock_wall_ms() / 1000 - options->cache_seconds;
    struct speech_cache_state state;
    speech_cache_sweep(options->root, before_s, options->cache_bytes, &state);
    atomic_store(&sweeper->held, state.bytes);
    metric_set(sweeper->bytes, (int64_t)state.bytes);
    metric_set(sweeper->files, (int64_t)state.files);
    metric_add(sweeper->evicted, state.evicted);
    metric_add(sweeper->expired, state.expired);
}

static void *run(void *closure)
{
    struct speech_sweeper *sweeper = closure;
    while (!waker_is_stopping(&sweeper->waker)) {
        sweep_files(sweeper);
        sweep_cache(sweeper);
        waker_pause(&sweeper->waker, PAUSE_MS);
        waker_wait(&sweeper->waker, sweeper->interval_ms);
    }
    return NULL;
}

static void register_metrics(struct speech_sweeper *sweeper, struct metrics *metrics)
{
    if (!metrics)
        return;
    sweeper->swept =
        metrics_counter(metrics, "ttb_speech_swept_total", "Speech files removed as old", "");
    sweeper->evicted = metrics_counter(metrics, "ttb_speech_cache_evicted_total",
                                       "Cached speech removed for its space", "");
    sweeper->expired = metrics_counter(metrics, "ttb_speech_cache_expired_total",
                                       "Cached speech removed as old", "");
    sweeper->bytes = metrics_gauge(metrics, "ttb_speech_cache_bytes",
                                   "Bytes of cached speech when it was last looked through", "");
    sweeper->files = metrics_gauge(metrics, "ttb_speech_cache_files",
                                   "Cached speech when it was last looked through", "");
}

/* Often enough that nothing stays much more than a tenth too long. */
static int64_t choose_interval_ms(const struct speech_sweeper_options *options)
{
    unsigned shortest_s = options->retention_seconds < options->cache_seconds
                              ? options->retention_seconds
                              : options->cache_seconds;
    unsigned interval_s = shortest_s / 10 < INTERVAL_MAX_S ? shortest_s / 10 : INTERVAL_MAX_S;
    return (int64_t)interval_s * 1000;
}

struct speech_sweeper *speech_sweeper_new(const struct speech_sweeper_options *options)
{
    struct speech_sweeper *sweeper = calloc(1, sizeof(*sweeper));
    if (!sweeper)
        abort();
    sweeper->options = *options;
    sweeper->interval_ms = choose_interval_ms(options);
    register_metrics(sweeper, options->metrics);
    waker_init(&sweeper->waker);
    int failed = pthread_create(&sweeper->thread, NULL, run, sweeper);
    assert(!failed);
    return sweeper;
}

void speech_sweeper_note(struct speech_sweeper *sweeper, uint64_t bytes)
{
    if (atomic_fetch_add(&sweeper->held, bytes) + bytes > sweeper->options.cache_bytes)
        waker_nudge(&sweeper->waker);
}

void speech_sweeper_stop(struct speech_sweeper *sweeper)
{
    if (!sweeper)
        return;
    waker_stop(&sweeper->waker);
    pthread_join(sweeper->thread, NULL);
    waker_done(&sweeper->waker);
    free(sweeper);
}
