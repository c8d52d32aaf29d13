/* SPDX-License-Identifier: MIT */
#include "services/media/speech/pending.h"

#include "lib/base/clock.h"
#include "lib/base/map.h"
#include "services/media/speech/waiters.h"

#include <assert.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/queue.h>
#include <unistd.h>

#define POLL_MS 30    /* between two looks for the strangers' files */
#define ENDED_MAX 512 /* speeches that are remembered after their end */

enum state { BUSY, CANCELLED, ENDED };

struct entry {
    struct speech_path path;
    enum state state;
    enum status status; /* when it has ended */
    bool is_withdrawn;
    TAILQ_ENTRY(entry) place;
};

TAILQ_HEAD(entries, entry);

struct pending {
    struct pending_options options;
    pthread_mutex_t mutex;
    pthread_cond_t changed; /* a waiter came, or the stop */
    pthread_t clock;        /* the thread that wakes at the time limit, and looks for files */
    bool is_stopping;

    struct map by_path;   /* all entries */
    struct entries busy;  /* or cancelled */
    struct entries ended; /* the oldest first */
    unsigned busy_count;
    unsigned ended_count;

    struct waiters waiters;
    int64_t looked_ms;          /* when the clock looked for the strangers' files */
    struct speech_path *wanted; /* the clock's own */
};

static void *must_calloc(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (!memory)
        abort();
    return memory;
}

/* ---- the clock ---- */

static int64_t next_round_ms(const struct pending *pending)
{
    int64_t late_ms = waiters_next_ms(&pending->waiters);
    int64_t look_ms = pending->waiters.strangers > 0 ? pending->looked_ms + POLL_MS : INT64_MAX;
    return late_ms < look_ms ? late_ms : look_ms;
}

/* Or for less: a new waiter may have less time. */
static void wait_until(struct pending *pending, int64_t ms)
{
    if (ms == INT64_MAX) {
        pthread_cond_wait(&pending->changed, &pending->mutex);
        return;
    }
    struct timespec until = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    pthread_cond_timedwait(&pending->changed, &pending->mutex, &until);
}

/* The disk may be slow: meanwhile the others go on. */
static void look_for_files(struct pending *pending)
{
    int root = pending->options.root;
    struct speech_path *wanted = pending->wanted;
    size_t count = waiters_of_strangers(&pending->waiters, wanted);
    pthread_mutex_unlock(&pending->mutex);
    size_t there = 0;
    for (size_t i = 0; i < count; i++)
        if (faccessat(root, wanted[i].text, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
            wanted[there++] = wanted[i];
    pthread_mutex_lock(&pending->mutex);
    for (size_t i = 0; i < there; i++)
        waiters_wake_path(&pending->waiters, wanted[i].text);
}

static void *run_clock(void *closure)
{
    struct pending *pending = closure;
    pthread_mutex_lock(&pending->mutex);
    while (!pending->is_stopping) {
        wait_until(pending, next_round_ms(pending));
        int64_t now_ms = clock_mono_ms();
        if (pending->waiters.strangers > 0 && now_ms >= pending->looked_ms + POLL_MS) {
            pending->looked_ms = now_ms;
            look_for_files(pending);
        }
        waiters_wake_late(&pending->waiters, now_ms);
    }
    pthread_mutex_unlock(&pending->mutex);
    return NULL;
}

/* ---- speeches ---- */

static void forget(struct pending *pending, struct entry *entry)
{
    assert(entry->state == ENDED);
    TAILQ_REMOVE(&pending->ended, entry, place);
    pending->ended_count--;
    map_remove(&pending->by_path, entry->path.text);
    free(entry);
}

static struct entry *add_entry(struct pending *pending, const char *path)
{
    struct entry *entry = must_calloc(1, sizeof(*entry));
    snprintf(entry->path.text, sizeof(entry->path.text), "%s", path);
    map_add(&pending->by_path, entry->path.text, entry);
    TAILQ_INSERT_TAIL(&pending->busy, entry, place);
    pending->busy_count++;
    return entry;
}

static void end_entry(struct pending *pending, struct entry *entry, enum status status)
{
    TAILQ_REMOVE(&pending->busy, entry, place);
    pending->busy_count--;
    entry->state = ENDED;
    entry->status = status;
    TAILQ_INSERT_TAIL(&pending->ended, entry, place);
    if (++pending->ended_count > ENDED_MAX)
        forget(pending, TAILQ_FIRST(&pending->ended));
}

static enum status begin(struct pending *pending, const char *path)
{
    struct entry *entry = map_find(&pending->by_path, path);
    if (entry && entry->is_withdrawn)
        return STATUS_NOT_FOUND;
    if (entry && entry->state != ENDED) /* a cancelled one, too, until its maker has noticed */
        return STATUS_CONFLICT;
    if (pending->busy_count == pending->options.speeches_max)
        return STATUS_UNAVAILABLE;
    if (entry)
        forget(pending, entry);
    add_entry(pending, path);
    waiters_adopt(&pending->waiters, path, pending->options.wait_ms);
    return STATUS_OK;
}

enum status pending_begin(struct pending *pending, const char *path)
{
    pthread_mutex_lock(&pending->mutex);
    enum status status = begin(pending, path);
    pthread_mutex_unlock(&pending->mutex);
    return status;
}

bool pending_end(struct pending *pending, const char *path, enum status status)
{
    pthread_mutex_lock(&pending->mutex);
    struct entry *entry = map_find(&pending->by_path, path);
    assert(entry && entry->state != ENDED);
    if (entry->state == CANCELLED)
        status = STATUS_NOT_FOUND;
    end_entry(pending, entry, status);
    waiters_wake_path(&pending->waiters, path);
    pthread_mutex_unlock(&pending->mutex);
    return status == STATUS_OK;
}

void pending_cancel(struct pending *pending, const struct speech_folder *folder)
{
    struct entry *entry;
    pthread_mutex_lock(&pending->mutex);
    TAILQ_FOREACH(entry, &pending->busy, place)
    if (speech_folder_holds(folder, entry->path.text))
        entry->state = CANCELLED;
    TAILQ_FOREACH(entry, &pending->ended, place)
    if (speech_folder_holds(folder, entry->path.text))
        entry->status = STATUS_NOT_FOUND;
    waiters_wake_folder(&pending->waiters, folder);
    pthread_mutex_unlock(&pending->mutex);
}

void pending_withdraw(struct pending *pending, const char *path)
{
    pthread_mutex_lock(&pending->mutex);
    struct entry *entry = map_find(&pending->by_path, path);
    if (!entry) {
        entry = add_entry(pending, path);
        end_entry(pending, entry, STATUS_NOT_FOUND);
    }
    entry->is_withdrawn = true;
    entry->status = STATUS_NOT_FOUND;
    if (entry->state == BUSY)
        entry->state = CANCELLED;
    waiters_wake_path(&pending->waiters, path);
    pthread_mutex_unlock(&pending->mutex);
}

/* ---- asking ---- */

/* How long to wait for what nobody here makes; 0: not at all. */
static int64_t strangers_patience_ms(const struct pending *pending, const char *path)
{
    int64_t now_ms = clock_wall_ms();
    int64_t wait_ms = pending->options.wait_ms;
    int64_t time_ms;
    if (!speech_path_time_ms(path, now_ms, &time_ms) || time_ms > now_ms + wait_ms ||
        time_ms < now_ms - wait_ms)
        return 0;
    int64_t left_ms = time_ms + wait_ms - now_ms;
    return left_ms < wait_ms ? left_ms : wait_ms;
}

static enum pending_verdict judge(struct pending *pending, const char *path, pending_wake_fn *call,
                                  void *closure)
{
    const struct entry *entry = map_find(&pending->by_path, path);
    if (entry && entry->state == ENDED && entry->status == STATUS_OK)
        return PENDING_READY;
    if (pending->is_stopping || (entry && entry->state != BUSY))
        return PENDING_GONE;
    int64_t patience_ms = entry ? pending->options.wait_ms : strangers_patience_ms(pending, path);
    if (patience_ms == 0)
        return PENDING_GONE;

    struct waiter waiter = {.wake = call, .closure = closure, .is_stranger = !entry};
    snprintf(waiter.path.text, sizeof(waiter.path.text), "%s", path);
    waiter.since_ms = clock_mono_ms();
    waiter.until_ms = waiter.since_ms + patience_ms;
    if (!waiters_add(&pending->waiters, &waiter))
        return PENDING_GONE;
    pthread_cond_signal(&pending->changed);
    return PENDING_WAIT;
}

enum pending_verdict pending_wait(struct pending *pending, const char *path, pending_wake_fn *call,
                                  void *waiter)
{
    pthread_mutex_lock(&pending->mutex);
    enum pending_verdict verdict = judge(pending, path, call, waiter);
    pthread_mutex_unlock(&pending->mutex);
    return verdict;
}

enum status pending_reason(struct pending *pending, const char *path)
{
    pthread_mutex_lock(&pending->mutex);
    const struct entry *entry = map_find(&pending->by_path, path);
    bool is_full = entry && entry->state == ENDED && entry->status == STATUS_NO_SPACE;
    pthread_mutex_unlock(&pending->mutex);
    return is_full ? STATUS_NO_SPACE : STATUS_NOT_FOUND;
}

/* ---- start and stop ---- */

struct pending *pending_new(const struct pending_options *options)
{
    struct pending *pending = must_calloc(1, sizeof(*pending));
    pending->options = *options;
    pending->wanted = must_calloc(options->strangers_max, sizeof(*pending->wanted));
    TAILQ_INIT(&pending->busy);
    TAILQ_INIT(&pending->ended);
    waiters_init(&pending->waiters, options->waiters_max, options->strangers_max, options->metrics);
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

void pending_stop(struct pending *pending)
{
    pthread_mutex_lock(&pending->mutex);
    pending->is_stopping = true;
    waiters_wake_all(&pending->waiters);
    pthread_cond_signal(&pending->changed);
    pthread_mutex_unlock(&pending->mutex);
}

static void free_entries(struct entries *entries)
{
    struct entry *entry;
    while ((entry = TAILQ_FIRST(entries))) {
        TAILQ_REMOVE(entries, entry, place);
        free(entry);
    }
}

void pending_free(struct pending *pending)
{
    if (!pending)
        return;
    pending_stop(pending);
    pthread_join(pending->clock, NULL);
    pthread_cond_destroy(&pending->changed);
    pthread_mutex_destroy(&pending->mutex);
    map_done(&pending->by_path);
    free_entries(&pending->busy);
    free_entries(&pending->ended);
    free(pending->wanted);
    free(pending);
}
