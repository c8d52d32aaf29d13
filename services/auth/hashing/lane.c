/* SPDX-License-Identifier: MIT */
#include "services/auth/hashing/lane.h"

#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#define LANE_NICENESS 10 /* more than the rest of the daemon */

/* On the stack of the thread that waits for it. */
struct job {
    hash_lane_fn compute;
    void *closure;
    bool is_done;
    pthread_cond_t done;
    struct job *next;
};

struct hash_lane {
    pthread_mutex_t lock; /* of the members below, held for a few instructions */
    pthread_cond_t work;
    struct job *first;
    struct job *last;
    bool is_stopping;
    unsigned thread_count;
    pthread_t threads[];
};

/* Of the calling thread only. It can't fail: whoever may run may step back. */
static void lower_priority(void)
{
    (void)!nice(LANE_NICENESS);
}

/* Where the kernel shares the cores out by session (sched(7), "The autogroup feature"), as it does
 * on a server without cgroups for its services, a thread's niceness counts inside of its session
 * only: the lane would still take its half from Postgres and NATS, and they would answer late. So
 * the daemon's session steps back as a whole, unless it is the session of others, too. */
static void lower_session_priority(void)
{
    if (getsid(0) != getpid())
        return;
    FILE *autogroup = fopen("/proc/self/autogroup", "w");
    if (!autogroup)
        return;
    fprintf(autogroup, "%d", LANE_NICENESS);
    fclose(autogroup);
}

/* The oldest job; NULL when there is none and there won't be. The lock is held. */
static struct job *next_job(struct hash_lane *lane)
{
    while (!lane->first && !lane->is_stopping)
        pthread_cond_wait(&lane->work, &lane->lock);
    struct job *job = lane->first;
    if (job)
        lane->first = job->next;
    return job;
}

static void *work(void *closure)
{
    struct hash_lane *lane = closure;
    lower_priority();
    pthread_mutex_lock(&lane->lock);
    for (struct job *job = next_job(lane); job; job = next_job(lane)) {
        pthread_mutex_unlock(&lane->lock);
        job->compute(job->closure);
        pthread_mutex_lock(&lane->lock);
        job->is_done = true;
        pthread_cond_signal(&job->done);
    }
    pthread_mutex_unlock(&lane->lock);
    return NULL;
}

struct hash_lane *hash_lane_new(unsigned threads)
{
    struct hash_lane *lane = calloc(1, sizeof(*lane) + threads * sizeof(lane->threads[0]));
    if (!lane)
        abort();
    pthread_mutex_init(&lane->lock, NULL);
    pthread_cond_init(&lane->work, NULL);
    lane->thread_count = threads;
    lower_session_priority();
    for (unsigned i = 0; i < threads; i++) {
        if (pthread_create(&lane->threads[i], NULL, work, lane) != 0)
            abort();
    }
    return lane;
}

void hash_lane_run(struct hash_lane *lane, hash_lane_fn compute, void *closure)
{
    struct job job = {.compute = compute, .closure = closure};
    pthread_cond_init(&job.done, NULL);

    pthread_mutex_lock(&lane->lock);
    assert(!lane->is_stopping);
    if (lane->first)
        lane->last->next = &job;
    else
        lane->first = &job;
    lane->last = &job;
    pthread_cond_signal(&lane->work);
    while (!job.is_done)
        pthread_cond_wait(&job.done, &lane->lock);
    pthread_mutex_unlock(&lane->lock);
    pthread_cond_destroy(&job.done);
}

bool hash_lane_is_busy(struct hash_lane *lane)
{
    pthread_mutex_lock(&lane->lock);
    bool is_busy = lane->first != NULL;
    pthread_mutex_unlock(&lane->lock);
    return is_busy;
}

void hash_lane_free(struct hash_lane *lane)
{
    if (!lane)
        return;
    pthread_mutex_lock(&lane->lock);
    lane->is_stopping = true;
    pthread_cond_broadcast(&lane->work);
    pthread_mutex_unlock(&lane->lock);
    for (unsigned i = 0; i < lane->thread_count; i++)
        pthread_join(lane->threads[i], NULL);
    pthread_cond_destroy(&lane->work);
    pthread_mutex_destroy(&lane->lock);
    free(lane);
}
