/* SPDX-License-Identifier: MIT */
#include "services/media/speech/queue.h"

#include <pthread.h>

struct speech_queue {
    struct metric *depth;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool is_closed;
    unsigned max;
    unsigned first; /* of count jobs in a ring of max */
    unsigned count;
    struct speech_job *jobs[];
};

struct speech_job *speech_job_new(const struct speech_key *flight, const struct voice *voice,
                                  const char *text)
{
    size_t size = strlen(text) + 1;
    struct speech_job *job = calloc(1, sizeof(*job) + size);
    if (!job)
        abort();
    job->flight = *flight;
    job->voice = voice;
    memcpy(job->text, text, size);
    return job;
}

void speech_job_free(struct speech_job *job)
{
    free(job);
}

struct speech_queue *speech_queue_new(unsigned max, struct metrics *metrics, const char *labels)
{
    struct speech_queue *queue = calloc(1, sizeof(*queue) + max * sizeof(struct speech_job *));
    if (!queue)
        abort();
    queue->max = max;
    if (metrics) {
        queue->depth =
            metrics_gauge(metrics, "ttb_speech_queued", "Texts that wait to be spoken", labels);
        metric_set(metrics_gauge(metrics, "ttb_speech_queue_limit", "Texts that may wait", labels),
                   max);
    }
    pthread_mutex_init(&queue->mutex, NULL);
    pthread_cond_init(&queue->changed, NULL);
    return queue;
}

bool speech_queue_add(struct speech_queue *queue, struct speech_job *job)
{
    pthread_mutex_lock(&queue->mutex);
    bool has_room = !queue->is_closed && queue->count < queue->max;
    if (has_room) {
        queue->jobs[(queue->first + queue->count++) % queue->max] = job;
        metric_set(queue->depth, queue->count);
        pthread_cond_signal(&queue->changed);
    }
    pthread_mutex_unlock(&queue->mutex);
    return has_room;
}

struct speech_job *speech_queue_take(struct speech_queue *queue)
{
    struct speech_job *job = NULL;
    pthread_mutex_lock(&queue->mutex);
    while (queue->count == 0 && !queue->is_closed)
        pthread_cond_wait(&queue->changed, &queue->mutex);
    if (queue->count > 0) {
        job = queue->jobs[queue->first];
        queue->first = (queue->first + 1) % queue->max;
        queue->count--;
        metric_set(queue->depth, queue->count);
    }
    pthread_mutex_unlock(&queue->mutex);
    return job;
}

void speech_queue_close(struct speech_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    queue->is_closed = true;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->mutex);
}

void speech_queue_free(struct speech_queue *queue)
{
    if (!queue)
        return;
    for (unsigned i = 0; i < queue->count; i++)
        speech_job_free(queue->jobs[(queue->first + i) % queue->max]);
    pthread_cond_destroy(&queue->changed);
    pthread_mutex_destroy(&queue->mutex);
    free(queue);
}
