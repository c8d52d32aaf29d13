/* SPDX-License-Identifier: MIT */
#include "lib/bus/pool.h"

#include <assert.h>
#include <pthread.h>

#define LABELS_SIZE 128
#define THREAD_NAME_SIZE 16 /* the kernel's limit */

struct pool {
    struct pool_options options;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct pool_job *first;
    struct pool_job **end; /* where the next job is linked in */
    unsigned waiting;
    bool stopping;
    pthread_t *threads;
    struct metric *queue;
    struct metric *busy;
    struct metric *rejected;
};

/* The oldest job; NULL when there is none left and the pool is stopping. */
static struct pool_job *take_job(struct pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    while (!pool->first && !pool->stopping)
        pthread_cond_wait(&pool->changed, &pool->lock);
    struct pool_job *job = pool->first;
    if (job) {
        pool->first = job->next;
        pool->waiting--;
    }
    if (!pool->first)
        pool->end = &pool->first;
    pthread_mutex_unlock(&pool->lock);
    return job;
}

static void *work(void *closure)
{
    struct pool *pool = closure;
    const struct pool_options *options = &pool->options;
    void *worker = options->start_worker ? options->start_worker(options->closure) : NULL;

    struct pool_job *job = take_job(pool);
    while (job) {
        metric_add(pool->queue, -1);
        metric_add(pool->busy, 1);
        job->run(job, worker);
        metric_add(pool->busy, -1);
        job = take_job(pool);
    }
    if (options->stop_worker)
        options->stop_worker(worker, options->closure);
    return NULL;
}

static void add_metrics(struct pool *pool)
{
    char labels[LABELS_SIZE];
    struct metrics *metrics = pool->options.metrics;
    snprintf(labels, sizeof(labels), "pool=\"%s\"", pool->options.name);
    pool->queue = metrics_gauge(metrics, "ttb_pool_queue", "Jobs that wait for a worker.", labels);
    pool->busy =
        metrics_gauge(metrics, "ttb_pool_busy_workers", "Workers that have a job.", labels);
    pool->rejected = metrics_counter(metrics, "ttb_pool_rejected_total",
                                     "Jobs refused since the queue was full.", labels);
    metric_set(metrics_gauge(metrics, "ttb_pool_queue_limit", "Jobs that may wait.", labels),
               pool->options.queue_max);
    metric_set(metrics_gauge(metrics, "ttb_pool_workers", "Workers of the pool.", labels),
               pool->options.workers);
}

static void start_threads(struct pool *pool)
{
    char name[THREAD_NAME_SIZE];
    snprintf(name, sizeof(name), "%s", pool->options.name);
    pool->threads = calloc(pool->options.workers, sizeof(*pool->threads));
    if (!pool->threads)
        abort();
    for (unsigned i = 0; i < pool->options.workers; i++) {
        if (pthread_create(&pool->threads[i], NULL, work, pool) != 0)
            abort();
        pthread_setname_np(pool->threads[i], name);
    }
}

struct pool *pool_new(const struct pool_options *options)
{
    assert(options->workers > 0);
    struct pool *pool = calloc(1, sizeof(*pool));
    if (!pool)
        abort();
    pool->options = *options;
    pool->end = &pool->first;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->changed, NULL);
    if (options->metrics)
        add_metrics(pool);
    start_threads(pool);
    return pool;
}

enum status pool_add(struct pool *pool, struct pool_job *job)
{
    pthread_mutex_lock(&pool->lock);
    bool accepted = !pool->stopping && pool->waiting < pool->options.queue_max;
    if (accepted) {
        job->next = NULL;
        *pool->end = job;
        pool->end = &job->next;
        pool->waiting++;
        metric_add(pool->queue, 1);
        pthread_cond_signal(&pool->changed);
    }
    pthread_mutex_unlock(&pool->lock);
    metric_add(pool->rejected, !accepted);
    return accepted ? STATUS_OK : STATUS_UNAVAILABLE;
}

void pool_stop(struct pool *pool)
{
    if (!pool || !pool->threads)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->stopping = true;
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->options.workers; i++)
        pthread_join(pool->threads[i], NULL);
    free(TAKE(pool->threads));
}

void pool_free(struct pool *pool)
{
    if (!pool)
        return;
    pool_stop(pool);
    pthread_cond_destroy(&pool->changed);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}
