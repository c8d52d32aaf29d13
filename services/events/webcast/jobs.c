/* SPDX-License-Identifier: MIT */
#include "services/events/webcast/jobs.h"

#include <curl/curl.h>
#include <pthread.h>

#define JOB_ARENA_BYTES                                                                            \
    ((size_t)64 * 1024 * 1024) /* what a signed answer may unpack to, and more */

struct queue {
    struct job *first;
    struct job **last;
};

struct jobs {
    const struct webcast_options *options;
    void (*on_done)(void *closure);
    void *closure;
    atomic_bool stopping;
    pthread_mutex_t lock; /* of the queues */
    pthread_cond_t wake;
    struct queue waiting;
    struct queue finished;
    pthread_t threads[JOBS_THREADS];
};

struct job *job_new(enum job_kind kind, uint64_t session_id, const char *name,
                    const char *user_agent, int64_t room_id)
{
    struct arena *arena = arena_new(JOB_ARENA_BYTES);
    struct job *job = ARENA_NEW(arena, struct job);
    job->kind = kind;
    job->session_id = session_id;
    job->name = arena_text(arena, name);
    job->user_agent = arena_text(arena, user_agent);
    job->room_id = room_id;
    job->arena = arena;
    return job;
}

void job_free(struct job *job)
{
    if (job)
        arena_free(job->arena);
}

static void queue_put(struct queue *queue, struct job *job)
{
    job->next = NULL;
    *queue->last = job;
    queue->last = &job->next;
}

static struct job *queue_take(struct queue *queue)
{
    struct job *job = queue->first;
    if (!job)
        return NULL;
    queue->first = job->next;
    if (!queue->first)
        queue->last = &queue->first;
    return job;
}

static const char *target_problem(const struct jobs *jobs, struct job *job)
{
    const Webcast__ProtoMessageFetchResult *result = job->answer.result;
    if (!target_make(result, job->answer.room_id, job->answer.user_agent, job->arena, &job->target))
        return "no address of a socket: ";
    if (!target_is_allowed(&job->target, jobs->options->push_hosts))
        return "the push server's host is not on the list: ";
    if (!target_resolve(&job->target, job->arena))
        return "the push server's host can't be resolved: ";
    return NULL;
}

static void sign_job(const struct jobs *jobs, struct http_client *client, struct job *job)
{
    sign_request(client, jobs->options, job->room_id, job->arena, &job->answer);
    if (job->answer.error != WEBCAST_ERROR_NONE)
        return;
    const char *problem = target_problem(jobs, job);
    if (!problem)
        return;
    job->answer.error = WEBCAST_ERROR_SIGN_FAILED;
    job->answer.message =
        arena_printf(job->arena, "%s%.200s", problem, job->answer.result->push_server);
}

static void do_job(const struct jobs *jobs, struct http_client *client, struct job *job)
{
    http_client_set_user_agent(client, job->user_agent);
    switch (job->kind) {
    case JOB_LOOK_UP:
        job->found = lookup_by_name(client, jobs->options, job->name, job->room_id, job->arena);
        return;
    case JOB_ASK_SIGNER:
        job->found = lookup_by_signer(client, jobs->options, job->name, job->arena);
        return;
    case JOB_CHECK:
        job->found.room_id = job->room_id;
        job->found.error = lookup_by_room(client, jobs->options, job->room_id, job->arena);
        return;
    case JOB_SIGN:
        sign_job(jobs, client, job);
        return;
    }
}

/* NULL when it is time to stop. */
static struct job *wait_for_job(struct jobs *jobs)
{
    pthread_mutex_lock(&jobs->lock);
    while (!jobs->waiting.first && !atomic_load(&jobs->stopping))
        pthread_cond_wait(&jobs->wake, &jobs->lock);
    struct job *job = atomic_load(&jobs->stopping) ? NULL : queue_take(&jobs->waiting);
    pthread_mutex_unlock(&jobs->lock);
    return job;
}

static void *run(void *closure)
{
    struct jobs *jobs = closure;
    struct http_client *client = http_client_new(&jobs->stopping, jobs->options->ca_file);
    struct job *job;
    while ((job = wait_for_job(jobs)) != NULL) {
        do_job(jobs, client, job);
        pthread_mutex_lock(&jobs->lock);
        queue_put(&jobs->finished, job);
        pthread_mutex_unlock(&jobs->lock);
        jobs->on_done(jobs->closure);
    }
    http_client_free(client);
    return NULL;
}

struct jobs *jobs_new(const struct webcast_options *options, void (*on_done)(void *closure),
                      void *closure)
{
    struct jobs *jobs = calloc(1, sizeof(*jobs));
    if (!jobs || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        abort();
    jobs->options = options;
    jobs->on_done = on_done;
    jobs->closure = closure;
    jobs->waiting.last = &jobs->waiting.first;
    jobs->finished.last = &jobs->finished.first;
    pthread_mutex_init(&jobs->lock, NULL);
    pthread_cond_init(&jobs->wake, NULL);
    for (size_t i = 0; i < JOBS_THREADS; i++) {
        if (pthread_create(&jobs->threads[i], NULL, run, jobs) != 0)
            abort();
    }
    return jobs;
}

void jobs_add(struct jobs *jobs, struct job *job)
{
    pthread_mutex_lock(&jobs->lock);
    queue_put(&jobs->waiting, job);
    pthread_cond_signal(&jobs->wake);
    pthread_mutex_unlock(&jobs->lock);
}

struct job *jobs_take_finished(struct jobs *jobs)
{
    pthread_mutex_lock(&jobs->lock);
    struct job *job = queue_take(&jobs->finished);
    pthread_mutex_unlock(&jobs->lock);
    return job;
}

static void free_queue(struct queue *queue)
{
    struct job *job;
    while ((job = queue_take(queue)) != NULL)
        job_free(job);
}

void jobs_free(struct jobs *jobs)
{
    if (!jobs)
        return;
    pthread_mutex_lock(&jobs->lock);
    atomic_store(&jobs->stopping, true);
    pthread_cond_broadcast(&jobs->wake);
    pthread_mutex_unlock(&jobs->lock);
    for (size_t i = 0; i < JOBS_THREADS; i++)
        pthread_join(jobs->threads[i], NULL);
    free_queue(&jobs->waiting);
    free_queue(&jobs->finished);
    pthread_cond_destroy(&jobs->wake);
    pthread_mutex_destroy(&jobs->lock);
    free(jobs);
}
