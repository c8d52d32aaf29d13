/* SPDX-License-Identifier: MIT */
#include "services/media/workers/pool.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "services/media/workers/process.h"

#include <assert.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#define ATTEMPTS 2

struct place {
    struct worker_process process;
    const char *argument; /* of the process */
    bool is_taken;
    bool is_asked;     /* its worker has a request; the descriptor stays open until that is over */
    uint64_t last_use; /* of pool->uses */
};

struct worker_pool {
    struct worker_pool_options options;
    char program[PATH_MAX];
    struct metric *requests;
    struct metric *failures;
    struct metric *crashes;
    struct metric *timeouts;
    struct metric *starts;
    struct metric *seconds;

    pthread_mutex_t mutex; /* guards what follows; of a place that is taken only is_taken and
                              is_asked, the rest is its taker's */
    pthread_cond_t freed;
    bool is_stopping;
    unsigned running;
    uint64_t uses;
    unsigned count; /* more than may run, so that there is always one for who may */
    struct place places[];
};

/* The program of that name in the folder of our own executable. */
static void find_program(const char *name, char program[static PATH_MAX])
{
    size_t room = strlen(name) + 1;
    assert(room <= NAME_MAX);
    ssize_t size = readlink("/proc/self/exe", program, PATH_MAX - room);
    assert(size > 0);
    program[size] = '\0';
    memcpy(strrchr(program, '/') + 1, name, room);
}

static void register_metrics(struct worker_pool *pool, struct metrics *metrics)
{
    if (!metrics)
        return;
    char labels[64];
    snprintf(labels, sizeof(labels), "pool=\"%s\"", pool->options.name);
    pool->requests = metrics_counter(metrics, "ttb_worker_requests_total",
                                     "Requests to worker processes", labels);
    pool->failures = metrics_counter(metrics, "ttb_worker_failures_total",
                                     "Requests that no worker answered", labels);
    pool->crashes = metrics_counter(metrics, "ttb_worker_crashes_total",
                                    "Workers that died over a request", labels);
    pool->timeouts = metrics_counter(metrics, "ttb_worker_timeouts_total",
                                     "Workers killed at the time limit", labels);
    pool->starts = metrics_counter(metrics, "ttb_worker_starts_total", "Workers started", labels);
    pool->seconds = metrics_histogram(metrics, "ttb_worker_seconds",
                                      "Time from request to answer, waiting included", labels);
}

struct worker_pool *worker_pool_new(const struct worker_pool_options *options)
{
    assert(options->workers >= 1 && options->workers <= 64);
    unsigned count = WORKERS_KEPT_MAX(options->workers);
    struct worker_pool *pool = calloc(1, sizeof(*pool) + count * sizeof(struct place));
    if (!pool)
        abort();
    pool->options = *options;
    pool->count = count;
    if (strchr(options->program, '/'))
        snprintf(pool->program, sizeof(pool->program), "%s", options->program);
    else
        find_program(options->program, pool->program);
    register_metrics(pool, options->metrics);

    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&pool->freed, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&pool->mutex, NULL);
    return pool;
}

static bool serves(const struct place *place, const char *argument)
{
    return place->process.pid != 0 && text_equal(place->argument, argument);
}

/* Of two free places, whether a suits the argument better: its own worker, then no worker, then the
 * one idle longest. */
static bool suits_better(const struct place *a, const struct place *b, const char *argument)
{
    if (serves(a, argument) != serves(b, argument))
        return serves(a, argument);
    if ((a->process.pid == 0) != (b->process.pid == 0))
        return a->process.pid == 0;
    return a->last_use < b->last_use;
}

static struct place *find_place(struct worker_pool *pool, const char *argument)
{
    struct place *best = NULL;
    for (unsigned i = 0; i < pool->count; i++) {
        struct place *place = &pool->places[i];
        if (!place->is_taken && (!best || suits_better(place, best, argument)))
            best = place;
    }
    return best;
}

/* Waits until one more may run. NULL at the deadline. */
static struct place *take_place(struct worker_pool *pool, const char *argument, int64_t deadline_ms)
{
    struct timespec until = {.tv_sec = deadline_ms / 1000, .tv_nsec = deadline_ms % 1000 * 1000000};
    struct place *place = NULL;
    pthread_mutex_lock(&pool->mutex);
    int waited = 0;
    while (pool->running == pool->options.workers && waited == 0)
        waited = pthread_cond_timedwait(&pool->freed, &pool->mutex, &until);
    if (pool->running < pool->options.workers) {
        place = find_place(pool, argument);
        place->is_taken = true;
        pool->running++;
    }
    pthread_mutex_unlock(&pool->mutex);
    return place;
}

static void give_back(struct worker_pool *pool, struct place *place)
{
    pthread_mutex_lock(&pool->mutex);
    place->is_taken = false;
    place->last_use = ++pool->uses;
    pool->running--;
    pthread_cond_signal(&pool->freed);
    pthread_mutex_unlock(&pool->mutex);
}

/* For the log. */
static const char *name_of(const char *argument)
{
    return argument ? argument : "";
}

/* Makes the place's worker one with the argument. */
static enum status staff(struct worker_pool *pool, struct place *place, const char *argument)
{
    if (serves(place, argument) && worker_process_is_alive(&place->process))
        return STATUS_OK;
    worker_process_end(&place->process);
    enum status status = worker_process_start(
        pool->program, argument, clock_mono_ms() + pool->options.start_limit_ms, &place->process);
    if (status != STATUS_OK) {
        log_warning(NULL, "a worker does not start", LOG_TEXT("pool", pool->options.name),
                    LOG_TEXT("program", pool->program), LOG_TEXT("argument", name_of(argument)),
                    LOG_TEXT("status", status_name(status)));
        return status;
    }
    if (pool->options.is_background) /* it can't fail: whoever may run may step back */
        (void)sched_setscheduler(place->process.pid, SCHED_IDLE, &(struct sched_param){0});
    place->argument = argument;
    metric_add(pool->starts, 1);
    return STATUS_OK;
}

/* Ends a worker that failed over a request. */
static void dismiss(struct worker_pool *pool, struct place *place, enum status status)
{
    bool hung = status == STATUS_TIMEOUT;
    metric_add(hung ? pool->timeouts : pool->crashes, 1);
    log_warning(NULL, hung ? "a worker hangs and is killed" : "a worker died",
                LOG_TEXT("pool", pool->options.name),
                LOG_TEXT("argument", name_of(place->argument)), LOG_INT("pid", place->process.pid));
    worker_process_end(&place->process);
}

/* False when the pool stops. */
static bool set_asked(struct worker_pool *pool, struct place *place, bool is_asked)
{
    pthread_mutex_lock(&pool->mutex);
    place->is_asked = is_asked;
    bool goes_on = !pool->is_stopping;
    pthread_mutex_unlock(&pool->mutex);
    return goes_on;
}

static enum status attempt(struct worker_pool *pool, struct place *place,
                           const struct worker_task *task, struct buffer *out)
{
    buffer_clear(out);
    const struct worker_request request = {task->code, task->head, task->body};
    enum status status = STATUS_UNAVAILABLE;
    if (set_asked(pool, place, true))
        status = worker_process_ask(&place->process, &request, pool->options.answer_max,
                                    clock_mono_ms() + pool->options.time_limit_ms, out);
    bool goes_on = set_asked(pool, place, false);
    if (status == STATUS_OK || status == STATUS_INVALID)
        return status;
    if (!goes_on) {
        worker_process_end(&place->process);
        return STATUS_UNAVAILABLE;
    }
    dismiss(pool, place, status);
    return STATUS_INTERNAL;
}

static enum status run_at(struct worker_pool *pool, struct place *place,
                          const struct worker_task *task, struct buffer *out)
{
    enum status status = STATUS_INTERNAL;
    for (unsigned i = 0; i < ATTEMPTS && status == STATUS_INTERNAL; i++) {
        if (clock_mono_ms() >= task->deadline_ms)
            return STATUS_TIMEOUT;
        if (staff(pool, place, task->argument) != STATUS_OK)
            return STATUS_UNAVAILABLE;
        status = attempt(pool, place, task, out);
    }
    return status;
}

enum status worker_pool_run(struct worker_pool *pool, const struct worker_task *task,
                            struct buffer *out)
{
    assert(out->max >= pool->options.answer_max);
    buffer_clear(out);
    int64_t start_ns = clock_mono_ns();
    metric_add(pool->requests, 1);
    enum status status = STATUS_TIMEOUT;
    struct place *place = take_place(pool, task->argument, task->deadline_ms);
    if (place) {
        status = run_at(pool, place, task, out);
        give_back(pool, place);
    }
    if (status != STATUS_OK)
        buffer_clear(out);
    if (status == STATUS_OK || status == STATUS_INVALID)
        metric_observe_ns(pool->seconds, clock_mono_ns() - start_ns);
    else
        metric_add(pool->failures, 1);
    return status;
}

void worker_pool_stop(struct worker_pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    pool->is_stopping = true;
    for (unsigned i = 0; i < pool->count; i++) {
        if (pool->places[i].is_asked)
            shutdown(pool->places[i].process.fd, SHUT_RDWR);
    }
    pthread_mutex_unlock(&pool->mutex);
}

void worker_pool_free(struct worker_pool *pool)
{
    if (!pool)
        return;
    for (unsigned i = 0; i < pool->count; i++)
        worker_process_end(&pool->places[i].process);
    pthread_cond_destroy(&pool->freed);
    pthread_mutex_destroy(&pool->mutex);
    free(pool);
}
