/* SPDX-License-Identifier: MIT */
/* Where finished speech stands: the cache, and the files at their URLs, with those who wait for
 * them. */
#pragma once

#include "services/media/speech/cache.h"
#include "services/media/speech/pending.h"
#include "services/media/speech/sweeper.h"

#include <stdbool.h>

/* All of it borrowed. */
struct shelf {
    int root;
    bool has_cache;
    struct speech_sweeper *sweeper;
    struct pending *pending;
};

/* False when the cache does not have it. */
MUST_CHECK bool shelf_take(const struct shelf *shelf, const struct speech_key *key,
                           const struct speech_path *path);

MUST_CHECK bool shelf_has(const struct shelf *shelf, const struct speech_key *key);

/* Into the cache, where there is one. */
void shelf_keep(const struct shelf *shelf, const struct speech_key *key, struct slice audio);

/* Makes path's file: from the cache, else of audio. Statuses as speech_store_put; audio may be
 * empty for what the cache has had a moment ago, which is STATUS_UNAVAILABLE when it has it no
 * more, and STATUS_NO_SPACE when it has it, but the file can't be made. */
MUST_CHECK enum status shelf_deliver(const struct shelf *shelf, const struct speech_key *key,
                                     struct slice audio, const struct speech_path *path);

/* The file is there, or will never be: nobody need wait for it any more. It goes again when nobody
 * may have it by now. */
void shelf_end(const struct shelf *shelf, const struct speech_path *path, enum status status);
