/* SPDX-License-Identifier: MIT */
/* Speech from text to file: what was made before comes from the cache, what is being made is made
 * once for all who ask for it, the rest waits in bounded queues for threads that make and store it.
 * What another server speaks has threads of its own, so that its slowness holds up no other speech;
 * where it fails, a local voice speaks. Who asks for a file meanwhile waits in pending (pending.h).
 */
#pragma once

#include "lib/base/allowance.h"
#include "lib/base/metrics.h"
#include "lib/base/status.h"
#include "services/media/speech/maker.h"
#include "services/media/speech/pending.h"

#include <stdint.h>

struct speech;

/* maker_make, but in tests. */
typedef enum status speech_make_fn(const struct maker *maker, const struct speech_order *order,
                                   struct arena *arena, struct buffer *out);

/* What is borrowed must outlive the speech. */
struct speech_options {
    int root; /* of speech_store_open; borrowed */
    const struct maker *maker;
    speech_make_fn *make;
    struct pending *pending;
    struct allowance *allowance; /* of texts for one user; NULL: no limit */

    unsigned threads;
    unsigned remote_threads;     /* 0: no voice is another server's */
    const char *remote_name;     /* what tells its voices from another's: URL and model */
    unsigned queue_max;          /* texts that may wait, for each kind of thread */
    unsigned joins_max;          /* that may wait for one that is being made */
    unsigned patience_ms;        /* a text that waited longer is given up */
    unsigned remote_patience_ms; /* one that waited longer for the other server is spoken locally */

    unsigned retention_seconds; /* how long a file is kept */
    uint64_t cache_bytes;       /* 0: no cache */
    unsigned cache_seconds;
    struct metrics *metrics; /* may be NULL */
};

/* Starts the threads. */
struct speech *speech_new(const struct speech_options *options);

/* Begins to speak text, which is fit to be spoken (lib/base/spoken.h), into the file of those ids
 * (path.h), and returns at once. user_id may be NULL, voice_id too. STATUS_OK also when that very
 * file is being made, or was cancelled; STATUS_INVALID for an id that is no UUID or a text without
 * content, STATUS_TOO_MANY when the user's allowance is used up, STATUS_UNAVAILABLE when the queue
 * is full.
 */
MUST_CHECK enum status speech_begin(struct speech *speech, const char *user_id, const char *id,
                                    const char *voice_id, const char *text);

/* The speech of those ids is not wanted, made or not: what waits to be made is not made but for
 * others who want the same, whoever waits for the file is told that there is none, and the file
 * goes. It is not begun later either, for a while. STATUS_INVALID for an id that is no UUID.
 * user_id may be NULL. Every replica must be asked. */
MUST_CHECK enum status speech_cancel(struct speech *speech, const char *user_id, const char *id);

/* Removes all speech of the user, and lets none that is queued or being made appear later.
 * STATUS_INVALID for an id that is no UUID, STATUS_UNAVAILABLE when the disk refuses. *ret_files
 * says how many files went. What another replica is making now
 * it stores all the same, and erases when it is asked to. */
MUST_CHECK enum status speech_erase(struct speech *speech, const char *user_id,
                                    unsigned *ret_files);

/* Takes no more, finishes what is queued, ends the threads, and frees. */
void speech_stop(struct speech *speech);

AUTO_DEFINE(struct speech *, speech_stop)
