/* SPDX-License-Identifier: MIT */
/* The texts that wait to be spoken: a bounded queue from many threads to many. */
#pragma once

#include "lib/base/metrics.h"
#include "services/media/domain/voices.h"
#include "services/media/speech/cache.h"

#include <stdbool.h>
#include <stdint.h>

struct speech_job {
    struct speech_key flight; /* for whom it is (flights.h) */
    const struct voice *voice;
    int64_t asked_ms; /* of clock_mono_ms */
    char text[];
};

/* Copies text; asked_ms is for the caller to set. */
struct speech_job *speech_job_new(const struct speech_key *flight, const struct voice *voice,
                                  const char *text);

void speech_job_free(struct speech_job *job);

struct speech_queue;

/* labels: of its metric, such as `lane="local"`. metrics may be NULL. */
struct speech_queue *speech_queue_new(unsigned max, struct metrics *metrics, const char *labels);

/* Takes ownership of job, unless it returns false: the queue is full or closed. */
MUST_CHECK bool speech_queue_add(struct speech_queue *queue, struct speech_job *job);

/* Waits for a job, which is the caller's then. NULL when the queue is closed and empty. */
struct speech_job *speech_queue_take(struct speech_queue *queue);

/* Nothing comes in any more. */
void speech_queue_close(struct speech_queue *queue);

/* Nobody may use it any more. Takes NULL. */
void speech_queue_free(struct speech_queue *queue);
