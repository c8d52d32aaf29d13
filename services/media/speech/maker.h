/* SPDX-License-Identifier: MIT */
/* Text to audio: what is to be read (domain/reading.h), by which voices (domain/parts.h), spoken
 * piece by piece, joined, encoded. Holds no state of a text; from any thread. */
#pragma once

#include "lib/base/arena.h"
#include "lib/base/buffer.h"
#include "services/media/audio/audio.h"
#include "services/media/remote/remote.h"
#include "services/media/voice/local.h"

#define SPEECH_SECONDS_MAX 600
#define SPEECH_AUDIO_MAX (32u * 1024 * 1024)

struct maker {
    struct local_voices *local;
    struct audio *audio;   /* the speech's own workers, not the uploads' */
    struct remote *remote; /* NULL: there are no other voices */
};

struct speech_order {
    const struct voice *voice;
    const char *text; /* of spoken_prepare (lib/base/spoken.h) */
    double speed;     /* 0.25..4 */
    enum audio_format format;
    int64_t deadline_ms; /* of clock_mono_ms */
};

/* The speech in out, which is emptied first and must have room for SPEECH_AUDIO_MAX. A remote voice
 * that fails gives STATUS_UNAVAILABLE: the caller orders again with voices_local_of(voice).
 * STATUS_INVALID when the text has no sound, STATUS_TOO_LARGE past SPEECH_SECONDS_MAX,
 * STATUS_TIMEOUT, STATUS_UNAVAILABLE, STATUS_INTERNAL as worker_pool_run. */
MUST_CHECK enum status maker_make(const struct maker *maker, const struct speech_order *order,
                                  struct arena *arena, struct buffer *out);
