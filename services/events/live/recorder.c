/* SPDX-License-Identifier: MIT */
#include "services/events/live/recorder.h"

#include "lib/base/log.h"
#include "lib/base/waker.h"

#include <pthread.h>
#include <stdio.h>

#define GATHER_MS 50
#define RETRY_MS 500
#define IDLE_MS 60000
#define WAITING_MAX 50000
#define BATCH_MAX 1000
#define TEXT_SIZE 136 /* a TikTok name, or a state's message */

enum kind { KIND_FIRING, KIND_VIEWER, KIND_STATE };

struct record {
    struct record *next;
    enum kind kind;
    union {
        struct firing firing;
        struct viewer_memory viewer;
        struct stream_state state;
    };
    char name[TEXT_SIZE]; /* what the texts above point to */
    char message[TEXT_SIZE];
};

struct recorder {
    struct pg *db;
    struct waker waker;
    pthread_t thread;
    struct metric *lost;
    pthread_mutex_t lock; /* of what follows */
    struct record *first;
    struct record **last;
    size_t count;
};

/* ---- what has gathered ---- */

static struct record *take(struct recorder *recorder)
{
    pthread_mutex_lock(&recorder->lock);
    struct record *record = recorder->first;
    if (record) {
        recorder->first = record->next;
        recorder->count--;
    }
    if (!recorder->first)
        recorder->last = &recorder->first;
    pthread_mutex_unlock(&recorder->lock);
    return record;
}

static void add(struct recorder *recorder, struct record *record)
{
    struct record *lost = NULL;
    pthread_mutex_lock(&recorder->lock);
    if (recorder->count == WAITING_MAX) {
        lost = recorder->first;
        recorder->first = lost->next;
        recorder->count--;
    }
    *recorder->last = record;
    recorder->last = &record->next;
    bool was_empty = recorder->count++ == 0;
    pthread_mutex_unlock(&recorder->lock);
    if (was_empty)
        waker_nudge(&recorder->waker);
    if (lost)
        metric_add(recorder->lost, 1);
    free(lost);
}

static struct record *record_new(enum kind kind, const char *name)
{
    struct record *record = calloc(1, sizeof(*record));
    if (!record)
        abort();
    record->kind = kind;
    (void)snprintf(record->name, sizeof(record->name), "%s", name);
    return record;
}

void recorder_add_firing(struct recorder *recorder, const struct firing *firing)
{
    struct record *record = record_new(KIND_FIRING, firing->trigger_id);
    record->firing = *firing;
    record->firing.trigger_id = record->name;
    add(recorder, record);
}

void recorder_add_viewer(struct recorder *recorder, const struct viewer_memory *viewer)
{
    struct record *record = record_new(KIND_VIEWER, viewer->username);
    record->viewer = *viewer;
    record->viewer.username = record->name;
    add(recorder, record);
}

void recorder_add_state(struct recorder *recorder, const struct stream_state *state)
{
    struct record *record = record_new(KIND_STATE, state->username);
    (void)snprintf(record->message, sizeof(record->message), "%s", state->message);
    record->state = *state;
    record->state.username = record->name;
    record->state.message = record->message;
    add(recorder, record);
}

/* ---- writing ---- */

/* Records of each kind, in the order in which they came. */
struct batch {
    struct record *records[BATCH_MAX];
    size_t count;
    struct firing firings[BATCH_MAX];
    size_t firing_count;
    struct viewer_memory viewers[BATCH_MAX];
    size_t viewer_count;
    struct stream_state states[BATCH_MAX];
    size_t state_count;
};

static void gather(struct recorder *recorder, struct batch *batch)
{
    struct record *record;
    while (batch->count < BATCH_MAX && (record = take(recorder)) != NULL) {
        batch->records[batch->count++] = record;
        if (record->kind == KIND_FIRING)
            batch->firings[batch->firing_count++] = record->firing;
        else if (record->kind == KIND_VIEWER)
            batch->viewers[batch->viewer_count++] = record->viewer;
        else
            batch->states[batch->state_count++] = record->state;
    }
}

/* In one transaction, so that a batch that failed can be written again. */
static enum status write_all(struct pg *db, void *closure)
{
    const struct batch *batch = closure;
    enum status status = STATUS_OK;
    if (batch->firing_count > 0)
        status = firings_insert(db, batch->firings, batch->firing_count);
    if (status == STATUS_OK && batch->viewer_count > 0)
        status = viewers_upsert(db, batch->viewers, batch->viewer_count);
    for (size_t i = 0; i < batch->state_count && status == STATUS_OK; i++)
        status = streams_set_state(db, &batch->states[i]);
    return status;
}

static void forget(struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        free(batch->records[i]);
    *batch = (struct batch){.count = 0};
}

/* What Postgres refuses would be refused again. */
static void write(struct recorder *recorder, struct batch *batch)
{
    enum status status = pg_transaction(recorder->db, write_all, batch);
    while (status == STATUS_UNAVAILABLE || status == STATUS_TIMEOUT) {
        if (waker_is_stopping(&recorder->waker))
            break;
        waker_pause(&recorder->waker, RETRY_MS);
        status = pg_transaction(recorder->db, write_all, batch);
    }
    if (status != STATUS_OK) {
        metric_add(recorder->lost, (int64_t)batch->count);
        log_warning(NULL, "what was to be remembered of lives is lost",
                    LOG_INT("count", (int64_t)batch->count),
                    LOG_TEXT("reason", pg_error(recorder->db)));
    }
    forget(batch);
}

static void *run(void *closure)
{
    struct recorder *recorder = closure;
    struct batch *batch = calloc(1, sizeof(*batch));
    if (!batch)
        abort();
    bool is_last;
    do {
        waker_wait(&recorder->waker, IDLE_MS);
        waker_pause(&recorder->waker, GATHER_MS);
        is_last = waker_is_stopping(&recorder->waker);
        for (gather(recorder, batch); batch->count > 0; gather(recorder, batch))
            write(recorder, batch);
    } while (!is_last);
    free(batch);
    return NULL;
}

struct recorder *recorder_start(const struct pg_options *database, struct metrics *metrics)
{
    struct recorder *recorder = calloc(1, sizeof(*recorder));
    if (!recorder)
        abort();
    recorder->db = pg_new(database);
    recorder->last = &recorder->first;
    recorder->lost =
        metrics_counter(metrics, "ttb_live_memories_lost_total",
                        "Firings and viewers' deeds that could not be written down.", "");
    pthread_mutex_init(&recorder->lock, NULL);
    waker_init(&recorder->waker);
    if (pthread_create(&recorder->thread, NULL, run, recorder) != 0)
        abort();
    return recorder;
}

void recorder_stop(struct recorder *recorder)
{
    if (!recorder)
        return;
    waker_stop(&recorder->waker);
    pthread_join(recorder->thread, NULL);
    waker_done(&recorder->waker);
    pthread_mutex_destroy(&recorder->lock);
    pg_free(recorder->db);
    free(recorder);
}
