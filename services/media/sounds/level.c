/* SPDX-License-Identifier: MIT */
#include "services/media/sounds/level.h"

#include "lib/base/clock.h"
#include "services/media/sounds/examine.h"
#include "services/media/sounds/files.h"
#include "services/media/store/levels.h"
#include "services/media/store/owners.h"

#define PATIENCE_MS 60000 /* for a worker to be free */

/* A sound in hand: who owns it, its file, what came out. */
struct levelling {
    struct level *level;
    struct unlevelled sound;
    struct audio_measure measure;
    struct buffer copy;
};

/* What was measured outside of it is written inside of a transaction, if the sound is still that
 * one. The copy comes before the row: a crash in between makes the next who levels find nothing to
 * do. */
static enum status finish_in_transaction(struct pg *pg, void *closure)
{
    (void)pg;
    struct levelling *levelling = closure;
    struct level *level = levelling->level;
    struct call *call = &level->call;
    const struct unlevelled *sound = &levelling->sound;
    enum status status = owners_lock(call, sound->user_id, NULL);
    if (status != STATUS_OK)
        return status;
    status = levels_check(call, sound);
    if (status != STATUS_OK)
        return status == STATUS_NOT_FOUND ? STATUS_OK : status; /* deleted meanwhile */
    if (levelling->copy.size > 0)
        status = files_replace(level->root, sound->user_id, sound->filename,
                               buffer_slice(&levelling->copy));
    if (status != STATUS_OK)
        return status;
    const struct audio_measure *measure = &levelling->measure;
    struct levelled result = {
        .bytes = sound->bytes,
        .is_silent = measure->is_silent,
        .loudness_lufs = (double)measure->loudness_lufs,
        .peak_dbtp = (double)measure->peak_dbtp,
    };
    if (levelling->copy.size > 0) {
        result.bytes = (int64_t)levelling->copy.size;
        result.gain_db = (double)measure->gain_db;
        result.format = audio_format_name((enum audio_format)measure->copy_format);
    }
    return levels_write(call, sound, &result);
}

static enum status examine(struct levelling *levelling, struct slice file)
{
    const struct level *level = levelling->level;
    struct audio_wish wish = sound_wish(level->config, levelling->sound.filename, file);
    wish.measure = true;
    wish.normalise = level->config->sound_normalise;
    enum status status = audio_examine(level->audio, file, &wish, clock_mono_ms() + PATIENCE_MS,
                                       &levelling->measure, &levelling->copy);
    if (status != STATUS_INVALID && status != STATUS_INTERNAL)
        return status;
    log_warning(NULL, "a sound can't be measured", LOG_TEXT("user_id", levelling->sound.user_id),
                LOG_TEXT("filename", levelling->sound.filename));
    levelling->measure = (struct audio_measure){.is_silent = true};
    buffer_clear(&levelling->copy);
    return STATUS_OK;
}

static enum status read_and_level(struct levelling *levelling)
{
    struct level *level = levelling->level;
    const struct unlevelled *sound = &levelling->sound;
    AUTO_BUFFER(file, AUDIO_FILE_MAX);
    enum status status = files_read(level->root, sound->user_id, sound->filename, &file);
    if (status == STATUS_OK)
        status = examine(levelling, buffer_slice(&file));
    else if (status == STATUS_NOT_FOUND) /* the sweeper tells of it */
        levelling->measure = (struct audio_measure){.is_silent = true}, status = STATUS_OK;
    if (status != STATUS_OK)
        return status;
    return pg_transaction(level->call.db, finish_in_transaction, levelling);
}

enum status level_next(struct level *level)
{
    struct levelling levelling = {.level = level};
    arena_reset(level->call.arena);
    level->call.now_ms = clock_wall_ms();
    enum status status = levels_find(&level->call, &levelling.sound);
    if (status != STATUS_OK)
        return status;
    buffer_init(&levelling.copy, AUDIO_RESULT_MAX);
    status = read_and_level(&levelling);
    buffer_done(&levelling.copy);
    return status;
}
