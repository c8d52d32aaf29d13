/* SPDX-License-Identifier: MIT */
#include "services/media/speech/shelf.h"

#include "services/media/speech/store.h"

bool shelf_take(const struct shelf *shelf, const struct speech_key *key,
                const struct speech_path *path)
{
    return shelf->has_cache && speech_cache_take(shelf->root, key, path);
}

bool shelf_has(const struct shelf *shelf, const struct speech_key *key)
{
    return shelf->has_cache && speech_cache_has(shelf->root, key);
}

/* A disk that refuses it says so again for the speech's own file. */
void shelf_keep(const struct shelf *shelf, const struct speech_key *key, struct slice audio)
{
    if (shelf->has_cache && speech_cache_put(shelf->root, key, audio) == STATUS_OK)
        speech_sweeper_note(shelf->sweeper, audio.size);
}

enum status shelf_deliver(const struct shelf *shelf, const struct speech_key *key,
                          struct slice audio, const struct speech_path *path)
{
    if (shelf_take(shelf, key, path))
        return STATUS_OK;
    if (audio.size > 0)
        return speech_store_put(shelf->root, path, audio);
    return shelf_has(shelf, key) ? STATUS_NO_SPACE : STATUS_UNAVAILABLE;
}

void shelf_end(const struct shelf *shelf, const struct speech_path *path, enum status status)
{
    bool is_wanted = pending_end(shelf->pending, path->text, status);
    if (status == STATUS_OK && !is_wanted)
        speech_store_remove(shelf->root, path);
}
