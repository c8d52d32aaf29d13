/* SPDX-License-Identifier: MIT */
/* The texts that wait to be spoken: a bounded queue from many threads to many. */
#pragma once

#include "lib/base/metrics.h"
#include "services/media/domain/voices.h"
#include "services/media/speech/path.h"

#include <stdbool.h>
#include <stdint.h>

struct speech_job {
    struct speech_path path;
    const struct voice *voice;
    int64_t deadline_ms; /* of clock_mono_ms */
    char text[];
};

/* Copies text, cut at a character's end to VOICE_TEXT_MAX bytes. The voice and the deadline are for
 * the caller to set. */
struct speech_job *speech_job_new(const struct speech_path *path, const char *text);

void speech_job_free(struct speech_job *job);

struct speech_queue;

/* metrics may be NULL. */
struct speech_queue *speech_queue_new(unsigned max, struct metrics *metrics);

/* Takes ownership of job, unless it returns false: the queue is full or closed. */
MUST_CHECK bool speech_queue_add(struct speech_queue *queue, struct speech_job *job);

/* Waits for a job, which is the caller's then. NULL when the queue is closed and empty. */
struct speech_job *speech_queue_take(struct speech_queue *queue);

/* Nothing comes in any more. */
void speech_queue_close(struct speech_queue *queue);

/* Nobody may use it any more. */
void speech_queue_free(struct speech_queue *queue);
