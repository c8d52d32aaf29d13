/* SPDX-License-Identifier: MIT */
#include "lib/bus/pool.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>

#include <cmocka.h>

/* What the jobs of a test write to, and the door they wait at. */
struct stage {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool open;
    unsigned running;
    unsigned count;
    int order[1000];
    atomic_int started_workers;
    atomic_int stopped_workers;
    struct metrics *metrics;
    struct pool *pool;
};

struct numbered_job {
    struct pool_job job;
    struct stage *stage;
    int number;
};

static void note_number(struct pool_job *job, void *worker)
{
    (void)worker;
    struct numbered_job *numbered = (struct numbered_job *)job;
    struct stage *stage = numbered->stage;
    pthread_mutex_lock(&stage->lock);
    stage->running++;
    pthread_cond_broadcast(&stage->changed);
    while (!stage->open)
        pthread_cond_wait(&stage->changed, &stage->lock);
    stage->order[stage->count++] = numbered->number;
    pthread_mutex_unlock(&stage->lock);
    free(numbered);
}

static enum status add(struct stage *stage, int number)
{
    struct numbered_job *job = calloc(1, sizeof(*job));
    *job = (struct numbered_job){{.run = note_number}, stage, number};
    enum status status = pool_add(stage->pool, &job->job);
    if (status != STATUS_OK)
        free(job);
    return status;
}

static void open_door(struct stage *stage)
{
    pthread_mutex_lock(&stage->lock);
    stage->open = true;
    pthread_cond_broadcast(&stage->changed);
    pthread_mutex_unlock(&stage->lock);
}

static void wait_until_running(struct stage *stage, unsigned jobs)
{
    pthread_mutex_lock(&stage->lock);
    while (stage->running < jobs)
        pthread_cond_wait(&stage->changed, &stage->lock);
    pthread_mutex_unlock(&stage->lock);
}

static void *start_worker(void *closure)
{
    struct stage *stage = closure;
    atomic_fetch_add(&stage->started_workers, 1);
    return stage;
}

static void stop_worker(void *worker, void *closure)
{
    struct stage *stage = closure;
    if (worker == stage)
        atomic_fetch_add(&stage->stopped_workers, 1);
}

static struct stage *stage_new(unsigned workers, unsigned queue_max)
{
    struct stage *stage = calloc(1, sizeof(*stage));
    pthread_mutex_init(&stage->lock, NULL);
    pthread_cond_init(&stage->changed, NULL);
    stage->metrics = metrics_new();
    const struct pool_options options = {.name = "test",
                                         .workers = workers,
                                         .queue_max = queue_max,
                                         .closure = stage,
                                         .start_worker = start_worker,
                                         .stop_worker = stop_worker,
                                         .metrics = stage->metrics};
    stage->pool = pool_new(&options);
    return stage;
}

static void stage_free(struct stage *stage)
{
    pool_free(stage->pool);
    metrics_free(stage->metrics);
    pthread_cond_destroy(&stage->changed);
    pthread_mutex_destroy(&stage->lock);
    free(stage);
}

static void one_worker_runs_jobs_in_the_order_they_came(void **state)
{
    (void)state;
    struct stage *stage = stage_new(1, 1000);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(add(stage, i), STATUS_OK);
    open_door(stage);
    pool_stop(stage->pool);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(stage->order[i], i);
    stage_free(stage);
}

static void jobs_run_side_by_side_on_as_many_workers(void **state)
{
    (void)state;
    struct stage *stage = stage_new(3, 10);
    for (int i = 0; i < 3; i++)
        assert_int_equal(add(stage, i), STATUS_OK);
    wait_until_running(stage, 3); /* would hang with fewer workers: none gets through the door */
    open_door(stage);
    stage_free(stage);
}

static void a_full_queue_refuses_at_once_and_takes_jobs_again_later(void **state)
{
    (void)state;
    struct stage *stage = stage_new(1, 2);
    assert_int_equal(add(stage, 0), STATUS_OK);
    wait_until_running(stage, 1);
    assert_int_equal(add(stage, 1), STATUS_OK);
    assert_int_equal(add(stage, 2), STATUS_OK);
    assert_int_equal(add(stage, 3), STATUS_UNAVAILABLE);
    struct metric *queue = metrics_gauge(stage->metrics, "ttb_pool_queue", "", "pool=\"test\"");
    struct metric *rejected =
        metrics_counter(stage->metrics, "ttb_pool_rejected_total", "", "pool=\"test\"");
    struct metric *busy =
        metrics_gauge(stage->metrics, "ttb_pool_busy_workers", "", "pool=\"test\"");
    assert_int_equal(metric_value(queue), 2);
    assert_int_equal(metric_value(busy), 1);
    assert_int_equal(metric_value(rejected), 1);
    open_door(stage);
    wait_until_running(stage, 3);
    assert_int_equal(add(stage, 4), STATUS_OK);
    pool_stop(stage->pool);
    assert_int_equal(stage->count, 4);
    assert_int_equal(metric_value(queue), 0);
    assert_int_equal(metric_value(busy), 0);
    stage_free(stage);
}

static void stopping_runs_what_was_accepted_and_refuses_the_rest(void **state)
{
    (void)state;
    struct stage *stage = stage_new(2, 100);
    for (int i = 0; i < 100; i++)
        assert_int_equal(add(stage, i), STATUS_OK);
    open_door(stage);
    pool_stop(stage->pool);
    assert_int_equal(stage->count, 100);
    assert_int_equal(add(stage, 100), STATUS_UNAVAILABLE);
    stage_free(stage);
}

static void each_worker_is_started_and_stopped_once(void **state)
{
    (void)state;
    struct stage *stage = stage_new(4, 1);
    pool_stop(stage->pool);
    assert_int_equal(stage->started_workers, 4);
    assert_int_equal(stage->stopped_workers, 4);
    stage_free(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_worker_runs_jobs_in_the_order_they_came),
        cmocka_unit_test(jobs_run_side_by_side_on_as_many_workers),
        cmocka_unit_test(a_full_queue_refuses_at_once_and_takes_jobs_again_later),
        cmocka_unit_test(stopping_runs_what_was_accepted_and_refuses_the_rest),
        cmocka_unit_test(each_worker_is_started_and_stopped_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
