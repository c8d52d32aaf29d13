/* SPDX-License-Identifier: MIT */
/* Speech by content: "tts/.cache/<2 hex>/<62 hex>.mp3" below the media root, named by the SHA-256
 * of what decides how it sounds. A speech's own file (path.h) is a hard link to it, or a copy where
 * the disk refuses one; so replicas that share the folder share the cache, and what leaves the
 * cache is served at its URLs all the same. Any thread, any number of processes. */
#pragma once

#include "lib/base/buffer.h"
#include "lib/base/status.h"
#include "services/media/domain/voices.h"
#include "services/media/speech/path.h"

#include <stdbool.h>
#include <stdint.h>

#define SPEECH_CACHE_FOLDER SPEECH_FOLDER "/.cache" /* hidden: nothing serves it */
#define SPEECH_KEY_SIZE 65                          /* with its NUL */

struct speech_key {
    char hex[SPEECH_KEY_SIZE];
};

/* Of engine, voice, its speed and pitch, and the prepared text; of our own version, too, since that
 * decides how a text is read. server is what makes a voice sound different from another server's of
 * that name (its URL and model); NULL for a local one. */
void speech_key_make(const struct voice *voice, const char *server, const char *text,
                     struct speech_key *ret_key);

/* Gives path the cached speech, and marks it as used. False when there is none. */
MUST_CHECK bool speech_cache_take(int root, const struct speech_key *key,
                                  const struct speech_path *path);

/* Whether there is one; marks it as used. */
MUST_CHECK bool speech_cache_has(int root, const struct speech_key *key);

/* Stores what was made. Statuses as speech_store_put. */
MUST_CHECK enum status speech_cache_put(int root, const struct speech_key *key, struct slice audio);

struct speech_cache_state {
    uint64_t bytes; /* held after the sweep */
    uint64_t files;
    unsigned evicted; /* to get below the limit */
    unsigned expired; /* as too old */
};

/* Removes what was made before before_s (seconds since 1970); then, when more than bytes_max are
 * held, what was not used for longest: a sixteenth more than it must, so that not every new file
 * costs a sweep. How long something was not used is told apart to an eighth. Memory does not grow
 * with the cache. */
void speech_cache_sweep(int root, int64_t before_s, uint64_t bytes_max,
                        struct speech_cache_state *ret_state);
