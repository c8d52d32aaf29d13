/* SPDX-License-Identifier: MIT */
/* Decoding and encoding, by ttb-audio, a sandboxed worker with FFmpeg's libraries: no byte from
 * outside is decoded in the daemon. */
#pragma once

#include "lib/base/buffer.h"
#include "lib/base/metrics.h"
#include "lib/base/status.h"
#include "services/media/audio/wire.h"

#include <stdbool.h>
#include <stdint.h>

struct audio;

struct audio_options {
    const char *program; /* NULL: ttb-audio beside our own executable */
    const char *name;    /* of its pool: "sound" */
    unsigned workers;
    unsigned time_limit_ms;
    bool is_background;      /* as in worker_pool_options */
    struct metrics *metrics; /* may be NULL */
};

/* Starts no worker yet. */
struct audio *audio_new(const struct audio_options *options);

/* "mp3", "wav", "ogg-vorbis", "ogg-opus", "m4a". */
const char *audio_format_name(enum audio_format format);

/* Measures a file by decoding all of it, and, if asked to, makes a copy that is as loud as wished
 * in copy, which is emptied first; it stays empty where the file is good as it is (silent, loud
 * enough already, or no copy would be small enough). STATUS_INVALID for what is none of the
 * formats, else as worker_pool_run. A file longer than max_ms is measured up to a little past it,
 * and not copied. */
MUST_CHECK enum status audio_examine(struct audio *audio, struct slice file,
                                     const struct audio_wish *wish, int64_t deadline_ms,
                                     struct audio_measure *ret_measure, struct buffer *copy);

/* Encodes mono PCM of 16 bits, at most AUDIO_PCM_MAX bytes, into out, which is emptied first.
 * tempo: 1 as it is, 2 twice as fast at the same pitch; 0.25..4. Formats: AUDIO_MP3, AUDIO_WAV,
 * AUDIO_OGG_OPUS. Statuses as worker_pool_run. */
MUST_CHECK enum status audio_encode(struct audio *audio, struct slice pcm, unsigned rate_hz,
                                    double tempo, enum audio_format format, int64_t deadline_ms,
                                    struct buffer *out);

/* Decodes a file of another server to mono PCM of 16 bits at rate_hz, at most max_ms of it.
 * Statuses as audio_examine. */
MUST_CHECK enum status audio_decode(struct audio *audio, struct slice file, unsigned rate_hz,
                                    unsigned max_ms, int64_t deadline_ms, struct buffer *pcm);

/* As worker_pool_stop. */
void audio_stop(struct audio *audio);

/* No call may be under way. Takes NULL. */
void audio_free(struct audio *audio);

AUTO_DEFINE(struct audio *, audio_free)
