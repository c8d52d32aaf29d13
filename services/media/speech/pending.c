/* SPDX-License-Identifier: MIT */
#include "services/media/speech/pending.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"

#include <assert.h>
#include <pthread.h>

enum state { FREE, BUSY, CANCELLED, MADE, FAILED };

struct speech_entry {
    struct speech_path path;
    enum state state;
};

struct waiter {
    struct speech_path path;
    pending_wake_fn *wake; /* NULL: the place is free */
    void *closure;
    int64_t since_ms;
    int64_t until_ms;
};

struct pending {
    struct pending_options options;
    struct metric *waiting;
    struct metric *refused;
    pthread_mutex_t mutex;
    pthread_cond_t changed; /* a waiter came, or the stop */
    pthread_t clock;        /* the thread that wakes at the time limit */
    bool is_stopping;
    unsigned next; /* where the search for a place begins: what has ended is remembered as long as
                      can be */
    struct speech_entry *speeches;
    struct waiter *waiters;
};

static void wake(struct pending *pending, struct waiter *waiter)
{
    pending_wake_fn *call = TAKE(waiter->wake);
    metric_add(pending->waiting, -1);
    call(waiter->closure);
}

static int64_t wake_expired(struct pending *pending)
{
    int64_t now_ms = clock_mono_ms();
    int64_t next_ms = INT64_MAX;
    for (unsigned i = 0; i < pending->options.waiters_max; i++) {
        struct waiter *waiter = &pending->waiters[i];
        if (!waiter->wake)
            continue;
        if (waiter->until_ms <= now_ms)
            wake(pending, waiter);
        else if (waiter->until_ms < next_ms)
            next_ms = waiter->until_ms;
    }
    return next_ms;
}

static void wait_until(struct pending *pending, int64_t ms)
{
    if (ms == INT64_MAX) {
        pthread_cond_wait(&pending->changed, &pending->mutex);
        return;
    }
    struct timespec until = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    pthread_cond_timedwait(&pending->changed, &pending->mutex, &until);
}

static void *run_clock(void *closure)
{
    struct pending *pending = closure;
    pthread_mutex_lock(&pending->mutex);
    while (!pending->is_stopping)
        wait_until(pending, wake_expired(pending));
    pthread_mutex_unlock(&pending->mutex);
    return NULL;
}

static void *must_calloc(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (!memory)
        abort();
    return memory;
}

struct pending *pending_new(const struct pending_options *options)
{
    struct pending *pending = must_calloc(1, sizeof(*pending));
    pending->options = *options;
    pending->speeches = must_calloc(options->speeches_max, sizeof(*pending->speeches));
    pending->waiters = must_calloc(options->waiters_max, sizeof(*pending->waiters));
    if (options->metrics) {
        pending->waiting = metrics_gauge(options->metrics, "ttb_speech_waiting",
                                         "Requests that wait for their speech", "");
        pending->refused = metrics_counter(options->metrics, "ttb_speech_waits_refused_total",
                                           "Requests that found no place to wait", "");
    }
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&pending->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&pending->mutex, NULL);
    int failed = pthread_create(&pending->clock, NULL, run_clock, pending);
    assert(!failed);
    return pending;
}

/* A cancelled one is busy until whoever makes it has noticed. */
static bool is_busy(const struct speech_entry *speech)
{
    return speech->state == BUSY || speech->state == CANCELLED;
}

static struct speech_entry *find_speech(const struct pending *pending, const char *path)
{
    for (unsigned i = 0; i < pending->options.speeches_max; i++) {
        struct speech_entry *speech = &pending->speeches[i];
        if (speech->state != FREE && text_equal(speech->path.text, path))
            return speech;
    }
    return NULL;
}

/* The place of the speech that ended longest ago; NULL when all are being made. */
static struct speech_entry *find_room(struct pending *pending)
{
    unsigned max = pending->options.speeches_max;
    for (unsigned i = 0; i < max; i++) {
        unsigned at = (pending->next + i) % max;
        if (is_busy(&pending->speeches[at]))
            continue;
        pending->next = at + 1;
        return &pending->speeches[at];
    }
    return NULL;
}

static void copy_path(struct speech_path *target, const char *path)
{
    snprintf(target->text, sizeof(target->text), "%s", path);
}

/* Whoever came too early now waits as long as the others. */
static void prolong_waits(struct pending *pending, const char *path)
{
    for (unsigned i = 0; i < pending->options.waiters_max; i++) {
        struct waiter *waiter = &pending->waiters[i];
        if (waiter->wake && text_equal(waiter->path.text, path))
            waiter->until_ms = waiter->since_ms + pending->options.wait_ms;
    }
}

static enum status begin(struct pending *pending, const char *path)
{
    struct speech_entry *speech = find_speech(pending, path);
    if (speech && is_busy(speech))
        return STATUS_CONFLICT;
    if (!speech)
        speech = find_room(pending);
    if (!speech)
        return STATUS_UNAVAILABLE;
    copy_path(&speech->path, path);
    speech->state = BUSY;
    prolong_waits(pending, path);
    return STATUS_OK;
}

enum status pending_begin(struct pending *pending, const char *path)
{
    pthread_mutex_lock(&pending->mutex);
    enum status status = begin(pending, path);
    pthread_mutex_unlock(&pending->mutex);
    return status;
}

bool pending_end(struct pending *pending, const char *path, bool is_made)
{
    pthread_mutex_lock(&pending->mutex);
    struct speech_entry *speech = find_speech(pending, path);
    bool is_wanted = is_made && !(speech && speech->state == CANCELLED);
    if (speech)
        speech->state = is_wanted ? MADE : FAILED;
    for (unsigned i = 0; i < pending->options.waiters_max; i++) {
        struct waiter *waiter = &pending->waiters[i];
        if (waiter->wake && text_equal(waiter->path.text, path))
            wake(pending, waiter);
    }
    pthread_mutex_unlock(&pending->mutex);
    return is_wanted;
}

void pending_cancel(struct pending *pending, const struct speech_folder *folder)
{
    pthread_mutex_lock(&pending->mutex);
    for (unsigned i = 0; i < pending->options.speeches_max; i++) {
        struct speech_entry *speech = &pending->speeches[i];
        if (speech->state != FREE && speech_folder_holds(folder, speech->path.text))
            speech->state = is_busy(speech) ? CANCELLED : FAILED;
    }
    for (unsigned i = 0; i < pending->options.waiters_max; i++) {
        struct waiter *waiter = &pending->waiters[i];
        if (waiter->wake && speech_folder_holds(folder, waiter->path.text))
            wake(pending, waiter);
    }
    pthread_mutex_unlock(&pending->mutex);
}

static bool add_waiter(struct pending *pending, const struct waiter *waiter)
{
    for (unsigned i = 0; i < pending->options.waiters_max; i++) {
        if (pending->waiters[i].wake)
            continue;
        pending->waiters[i] = *waiter;
        metric_add(pending->waiting, 1);
        pthread_cond_signal(&pending->changed);
        return true;
    }
    metric_add(pending->refused, 1);
    return false;
}

static enum pending_verdict judge(struct pending *pending, const char *path, pending_wake_fn *call,
                                  void *closure)
{
    const struct speech_entry *speech = find_speech(pending, path);
    if (speech && speech->state == MADE)
        return PENDING_READY;
    if (pending->is_stopping || (speech && (speech->state == FAILED || speech->state == CANCELLED)))
        return PENDING_GONE;

    int64_t now_ms = clock_mono_ms();
    struct waiter waiter = {.wake = call, .closure = closure, .since_ms = now_ms};
    waiter.until_ms = now_ms + (speech ? pending->options.wait_ms : pending->options.grace_ms);
    copy_path(&waiter.path, path);
    return add_waiter(pending, &waiter) ? PENDING_WAIT : PENDING_GONE;
}

enum pending_verdict pending_wait(struct pending *pending, const char *path, pending_wake_fn *call,
                                  void *waiter)
{
    pthread_mutex_lock(&pending->mutex);
    enum pending_verdict verdict = judge(pending, path, call, waiter);
    pthread_mutex_unlock(&pending->mutex);
    return verdict;
}

void pending_stop(struct pending *pending)
{
    pthread_mutex_lock(&pending->mutex);
    pending->is_stopping = true;
    for (unsigned i = 0; i < pending->options.waiters_max; i++)
        if (pending->waiters[i].wake)
            wake(pending, &pending->waiters[i]);
    pthread_cond_signal(&pending->changed);
    pthread_mutex_unlock(&pending->mutex);
}

void pending_free(struct pending *pending)
{
    if (!pending)
        return;
    pending_stop(pending);
    pthread_join(pending->clock, NULL);
    pthread_cond_destroy(&pending->changed);
    pthread_mutex_destroy(&pending->mutex);
    free(pending->speeches);
    free(pending->waiters);
    free(pending);
}
