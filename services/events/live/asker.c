/* SPDX-License-Identifier: MIT */
#include "services/events/live/asker.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "lib/bus/pool.h"
#include "services/events/domain/crowd.h"
#include "services/events/store/triggers.h"

#include <stdatomic.h>
#include <stdio.h>

#define THREADS 2
#define QUEUE_MAX 4096
#define WAIT_MS 2000
#define ARENA_MAX_BYTES ((size_t)16 * 1024 * 1024)
#define NAME_SIZE 136

struct asker {
    struct bus *bus;
    const struct pg_options *database;
    struct rooms *rooms;
    struct pool *pool;
    atomic_bool is_stopping;
};

struct question {
    struct pool_job job;
    struct asker *asker;
    struct uuid user_id;
    char username[NAME_SIZE]; /* "": no viewers are wanted */
};

struct worker {
    struct arena *arena;
    struct pg *db;
};

static void *start_worker(void *closure)
{
    const struct asker *asker = closure;
    struct worker *worker = calloc(1, sizeof(*worker));
    if (!worker)
        abort();
    worker->arena = arena_new(ARENA_MAX_BYTES);
    worker->db = pg_new(asker->database);
    return worker;
}

static void stop_worker(void *closure, void *unused)
{
    (void)unused;
    struct worker *worker = closure;
    pg_free(worker->db);
    arena_free(worker->arena);
    free(worker);
}

/* ---- loading ---- */

static enum status load_settings(const struct question *question, const struct worker *worker,
                                 struct rooms_loaded *loaded)
{
    int64_t now_ms = clock_wall_ms();
    struct call call = {.arena = worker->arena,
                        .bus = question->asker->bus,
                        .now_ms = now_ms,
                        .deadline_ms = now_ms + WAIT_MS};
    const struct live_settings_request in = {.user_id = question->user_id.text};
    struct live_settings_reply settings;
    enum status status = auth_live_settings(&call, &in, &settings);
    if (status == STATUS_OK)
        loaded->profile = profile_new(&settings);
    return status;
}

static enum status load_tables(const struct question *question, const struct worker *worker,
                               struct rooms_loaded *loaded)
{
    struct trigger *triggers = NULL;
    size_t count = 0;
    const char *user_id = question->user_id.text;
    enum status status =
        triggers_load(worker->db, user_id, loaded->profile->arena, &triggers, &count);
    if (status != STATUS_OK)
        return status;
    profile_set_triggers(loaded->profile, triggers, count);

    struct firing *firings = NULL;
    status = firings_load(worker->db, user_id, FIRINGS_MAX, worker->arena, &firings,
                          &loaded->firing_count);
    loaded->firings = firings;
    if (status != STATUS_OK || text_is_blank(question->username))
        return status;

    struct viewer_memory *viewers = NULL;
    status = viewers_load(worker->db, question->username, CROWD_MAX, worker->arena, &viewers,
                          &loaded->viewer_count);
    loaded->viewers = viewers;
    return status;
}

/* Until all is loaded, the user sees events but hears nothing; what was known before stands. */
static void load(const struct question *question, const struct worker *worker)
{
    struct rooms_loaded loaded = {.profile = NULL};
    enum status status = load_settings(question, worker, &loaded);
    if (status == STATUS_OK)
        status = load_tables(question, worker, &loaded);
    if (status != STATUS_OK) {
        log_debug(NULL, "profile not known yet", LOG_TEXT("user_id", question->user_id.text),
                  LOG_TEXT("status", status_name(status)));
        profile_free(TAKE(loaded.profile));
    }
    rooms_take_profile(question->asker->rooms, question->user_id.text, &loaded);
}

static void run(struct pool_job *job, void *closure)
{
    struct question *question = (struct question *)job;
    struct worker *worker = closure;
    if (!atomic_load(&question->asker->is_stopping))
        load(question, worker);
    arena_reset(worker->arena);
    free(question);
}

/* ---- life ---- */

struct asker *asker_start(struct bus *bus, const struct pg_options *database, struct rooms *rooms,
                          struct metrics *metrics)
{
    struct asker *asker = calloc(1, sizeof(*asker));
    if (!asker)
        abort();
    asker->bus = bus;
    asker->database = database;
    asker->rooms = rooms;
    const struct pool_options pool = {
        .name = "profiles",
        .workers = THREADS,
        .queue_max = QUEUE_MAX,
        .closure = asker,
        .start_worker = start_worker,
        .stop_worker = stop_worker,
        .metrics = metrics,
    };
    asker->pool = pool_new(&pool);
    return asker;
}

void asker_ask(struct asker *asker, const char *user_id, const char *username)
{
    struct question *question = calloc(1, sizeof(*question));
    if (!question)
        abort();
    question->job.run = run;
    question->asker = asker;
    (void)snprintf(question->user_id.text, sizeof(question->user_id.text), "%s", user_id);
    (void)snprintf(question->username, sizeof(question->username), "%s", username ? username : "");
    if (pool_add(asker->pool, &question->job) == STATUS_OK)
        return;
    const struct rooms_loaded nothing = {.profile = NULL};
    rooms_take_profile(asker->rooms, user_id, &nothing);
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
