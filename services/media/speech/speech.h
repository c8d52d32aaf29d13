/* SPDX-License-Identifier: MIT */
/* Speech from text to file: a bounded queue, threads that speak and store, and a sweeper that
 * removes what is old. Who asks for a file meanwhile waits in pending (pending.h). */
#pragma once

#include "lib/base/metrics.h"
#include "lib/base/status.h"
#include "services/media/speech/pending.h"
#include "services/media/voice/pool.h"

struct speech;

/* What is borrowed must outlive the speech. */
struct speech_options {
    int root; /* of speech_store_open; borrowed */
    struct voice_pool *voices;
    struct pending *pending;
    unsigned threads;
    unsigned queue_max;         /* texts that may wait */
    unsigned patience_ms;       /* a text that waited longer is given up */
    unsigned retention_seconds; /* how long a file is kept */
    struct metrics *metrics;    /* may be NULL */
};

/* Starts the threads. */
struct speech *speech_new(const struct speech_options *options);

/* Begins to speak text, which is fit to be spoken (lib/base/spoken.h) and is cut at VOICE_TEXT_MAX
 * bytes, into the file of those ids (path.h), and returns at once. user_id may be NULL, voice_id
 * too. STATUS_OK also when that very file is being made; STATUS_INVALID for an id that is no UUID
 * or a text without content, STATUS_UNAVAILABLE when the queue is full. */
MUST_CHECK enum status speech_begin(struct speech *speech, const char *user_id, const char *id,
                                    const char *voice_id, const char *text);

/* Removes all speech of the user, and lets none that is queued or being made appear later.
 * STATUS_INVALID for an id that is no UUID, STATUS_UNAVAILABLE when the disk refuses. *ret_files
 * says how many files went. */
MUST_CHECK enum status speech_erase(struct speech *speech, const char *user_id,
                                    unsigned *ret_files);

/* Takes no more, finishes what is queued, ends the threads, and frees. */
void speech_stop(struct speech *speech);

AUTO_DEFINE(struct speech *, speech_stop)
