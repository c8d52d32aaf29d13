/* SPDX-License-Identifier: MIT */
/* Local voices: text to samples by ttb-voice, a sandboxed worker with espeak-ng. */
#pragma once

#include "lib/base/buffer.h"
#include "lib/base/metrics.h"
#include "lib/base/status.h"
#include "services/media/domain/voices.h"
#include "services/media/voice/wire.h"

#include <stdint.h>

struct local_voices;

struct local_voices_options {
    const char *program;     /* NULL: ttb-voice beside our own executable */
    unsigned workers;        /* texts that are spoken at the same time, 1..64 */
    unsigned time_limit_ms;  /* for one text */
    struct metrics *metrics; /* may be NULL */
};

/* Starts no worker yet. */
struct local_voices *local_voices_new(const struct local_voices_options *options);

/* Appends the speech of text, 1 to VOICE_TEXT_MAX bytes of UTF-8 in scripts that the voice reads
 * (domain/parts.h says why), to pcm: mono, 16 bit, VOICE_RATE_HZ, no silence at either end. speed,
 * 0.25..4, multiplies the voice's own; *ret_tempo is what is left to do of it, since espeak-ng
 * speaks VOICE_WPM_MIN to VOICE_WPM_MAX words a minute (1: nothing). STATUS_INVALID when nothing in
 * the text can be spoken, STATUS_TOO_LARGE when pcm has no room for it, else as worker_pool_run,
 * from the same threads. */
MUST_CHECK enum status local_voices_speak(struct local_voices *voices, const struct voice *voice,
                                          double speed, const char *text, int64_t deadline_ms,
                                          struct buffer *pcm, double *ret_tempo);

/* No call may be under way. Takes NULL. */
void local_voices_free(struct local_voices *voices);

AUTO_DEFINE(struct local_voices *, local_voices_free)
