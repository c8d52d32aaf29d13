/* SPDX-License-Identifier: MIT */
/* Voice workers for many threads. A worker speaks one espeak-ng voice; it is started when that
 * voice is first needed and kept, until all places are taken and another voice needs one. A worker
 * that crashes or hangs is killed, and its text goes once more, to a fresh one. */
#pragma once

#include "lib/base/buffer.h"
#include "lib/base/metrics.h"
#include "lib/base/status.h"
#include "services/media/domain/voices.h"

#include <stdint.h>

struct voice_pool;

struct voice_pool_options {
    const char *program;     /* path of ttb-voice; NULL: beside our own executable */
    unsigned workers;        /* processes at most, 1..64 */
    unsigned time_limit_ms;  /* for one text; a worker that takes longer is killed */
    unsigned start_limit_ms; /* for a worker to become ready */
    struct metrics *metrics; /* may be NULL */
};

/* Starts no worker yet. Options are copied, but for metrics. */
struct voice_pool *voice_pool_new(const struct voice_pool_options *options);

/* The text as MP3 in out, which is emptied first and must have room for VOICE_AUDIO_MAX bytes. The
 * text is 1 to VOICE_TEXT_MAX bytes (wire.h) of UTF-8. The deadline (of clock_mono_ms) is for work
 * to begin: what has begun ends within the time limit. STATUS_INVALID when nothing in the text can
 * be spoken, STATUS_TIMEOUT past the deadline, STATUS_UNAVAILABLE when no worker can be started,
 * STATUS_INTERNAL when the text brought down two workers. */
MUST_CHECK enum status voice_pool_speak(struct voice_pool *pool, const struct voice *voice,
                                        const char *text, int64_t deadline_ms, struct buffer *out);

/* No call may be under way. */
void voice_pool_free(struct voice_pool *pool);

AUTO_DEFINE(struct voice_pool *, voice_pool_free)
