/* SPDX-License-Identifier: MIT */
#include "services/media/speech/lane.h"

#include <assert.h>
#include <pthread.h>

struct lane {
    struct speech_queue *queue;
    lane_run_fn *run;
    void *closure;
    unsigned count;
    pthread_t threads[];
};

static void *run_thread(void *closure)
{
    struct lane *lane = closure;
    struct speech_job *job;
    while ((job = speech_queue_take(lane->queue)))
        lane->run(lane->closure, job);
    return NULL;
}

struct lane *lane_new(const struct lane_options *options)
{
    assert(options->threads >= 1);
    struct lane *lane = calloc(1, sizeof(*lane) + options->threads * sizeof(pthread_t));
    if (!lane)
        abort();
    lane->queue = speech_queue_new(options->queue_max, options->metrics, options->labels);
    lane->run = options->run;
    lane->closure = options->closure;
    lane->count = options->threads;
    for (unsigned i = 0; i < lane->count; i++) {
        int failed = pthread_create(&lane->threads[i], NULL, run_thread, lane);
        assert(!failed);
    }
    return lane;
}

bool lane_add(struct lane *lane, struct speech_job *job)
{
    return speech_queue_add(lane->queue, job);
}

void lane_stop(struct lane *lane)
{
    if (!lane)
        return;
    speech_queue_close(lane->queue);
    for (unsigned i = 0; i < lane->count; i++)
        pthread_join(lane->threads[i], NULL);
    speech_queue_free(lane->queue);
    free(lane);
}
