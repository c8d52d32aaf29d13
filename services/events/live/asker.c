/* SPDX-License-Identifier: MIT */
#include "services/events/live/asker.h"

#include "gen/auth/messages.h"
#include "lib/base/clock.h"
#include "lib/bus/pool.h"

#include <stdatomic.h>

#define THREADS 2
#define QUEUE_MAX 4096
#define WAIT_MS 2000
#define ARENA_MAX_BYTES (1024 * 1024)

struct asker {
    struct bus *bus;
    struct rooms *rooms;
    struct pool *pool;
    atomic_bool is_stopping;
};

struct question {
    struct pool_job job;
    struct asker *asker;
    struct uuid user_id;
};

static void *start_worker(void *closure)
{
    (void)closure;
    return arena_new(ARENA_MAX_BYTES);
}

static void stop_worker(void *worker, void *closure)
{
    (void)closure;
    arena_free(worker);
}

/* Until auth answers, the user sees events but hears nothing. */
static void ask(const struct question *question, struct arena *arena)
{
    const struct asker *asker = question->asker;
    const char *user_id = question->user_id.text;
    int64_t now_ms = clock_wall_ms();
    struct call call = {
        .arena = arena, .bus = asker->bus, .now_ms = now_ms, .deadline_ms = now_ms + WAIT_MS};
    const struct live_settings_request in = {.user_id = user_id};
    struct live_settings_reply out;
    enum status status = auth_live_settings(&call, &in, &out);
    if (status != STATUS_OK) {
        log_debug(NULL, "settings not known yet", LOG_TEXT("user_id", user_id),
                  LOG_TEXT("status", status_name(status)));
        rooms_take_settings(asker->rooms, user_id, NULL);
        return;
    }
    const struct watcher_settings settings = {out.tts_enabled, out.voice_id};
    rooms_take_settings(asker->rooms, user_id, &settings);
}

static void run(struct pool_job *job, void *worker)
{
    struct question *question = (struct question *)job;
    struct arena *arena = worker;
    if (!atomic_load(&question->asker->is_stopping))
        ask(question, arena);
    arena_reset(arena);
    free(question);
}

struct asker *asker_start(struct bus *bus, struct rooms *rooms, struct metrics *metrics)
{
    struct asker *asker = calloc(1, sizeof(*asker));
    if (!asker)
        abort();
    asker->bus = bus;
    asker->rooms = rooms;
    const struct pool_options pool = {
        .name = "settings",
        .workers = THREADS,
        .queue_max = QUEUE_MAX,
        .start_worker = start_worker,
        .stop_worker = stop_worker,
        .metrics = metrics,
    };
    asker->pool = pool_new(&pool);
    return asker;
}

void asker_ask(struct asker *asker, const char *user_id)
{
    struct question *question = calloc(1, sizeof(*question));
    if (!question)
        abort();
    question->job.run = run;
    question->asker = asker;
    snprintf(question->user_id.text, sizeof(question->user_id.text), "%s", user_id);
    if (pool_add(asker->pool, &question->job) == STATUS_OK)
        return;
    rooms_take_settings(asker->rooms, user_id, NULL);
    free(question);
}

void asker_stop(struct asker *asker)
{
    if (!asker)
        return;
    atomic_store(&asker->is_stopping, true);
    pool_stop(asker->pool);
    pool_free(asker->pool);
    free(asker);
}
