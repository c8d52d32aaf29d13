/* SPDX-License-Identifier: MIT */
#include "services/media/sounds/level.h"

#include "lib/base/clock.h"
#include "services/media/sounds/examine.h"
#include "services/media/sounds/files.h"
#include "services/media/store/levels.h"
#include "services/media/store/owners.h"
#include "services/media/store/sounds.h"

#define PATIENCE_MS 600000 /* longer than two attempts of a worker */

/* A sound in hand: who owns it, its file, what came out. */
struct levelling {
    struct level *level;
    struct unlevelled sound;
    size_t file_bytes;
    bool is_measured;
    struct audio_measure measure;
    struct buffer copy; /* empty: there is to be none */
};

static struct levelled result_of(const struct levelling *levelling)
{
    const struct audio_measure *measure = &levelling->measure;
    if (!levelling->is_measured)
        return (struct levelled){.bytes = levelling->sound.bytes, .is_silent = true};
    bool is_copied = levelling->copy.size > 0;
    uint32_t format = is_copied ? measure->copy_format : measure->format;
    return (struct levelled){
        .bytes = (int64_t)(is_copied ? levelling->copy.size : levelling->file_bytes),
        .format = audio_format_name((enum audio_format)format),
        .is_silent = measure->is_silent,
        .loudness_lufs = (double)measure->loudness_lufs,
        .peak_dbtp = (double)measure->peak_dbtp,
        .gain_db = is_copied ? (double)measure->gain_db : 0,
    };
}

/* A copy that is larger than the file must still fit into what its user may have: else there is
 * none. */
static enum status check_room(struct levelling *levelling)
{
    struct call *call = &levelling->level->call;
    int64_t more = (int64_t)levelling->copy.size - levelling->sound.bytes;
    if (more <= 0)
        return STATUS_OK;
    struct sound_totals totals;
    enum status status = sounds_total(call, levelling->sound.user_id, &totals);
    if (status != STATUS_OK)
        return status;
    if (totals.bytes + more > (int64_t)levelling->level->config->sound_bytes_per_user)
        buffer_clear(&levelling->copy);
    return STATUS_OK;
}

/* The copy comes before the row: after a crash in between, the copy is what is measured, and needs
 * none. */
static enum status put_copy(struct levelling *levelling)
{
    const struct unlevelled *sound = &levelling->sound;
    enum status status = check_room(levelling);
    if (status != STATUS_OK || levelling->copy.size == 0)
        return status;
    return files_replace(levelling->level->root, sound->user_id, sound->filename,
                         buffer_slice(&levelling->copy));
}

/* What was measured outside of it is written inside of a transaction, if the sound is still that
 * one. */
static enum status finish_in_transaction(struct pg *pg, void *closure)
{
    (void)pg;
    struct levelling *levelling = closure;
    struct call *call = &levelling->level->call;
    const struct unlevelled *sound = &levelling->sound;
    enum status status = owners_lock(call, sound->user_id, NULL);
    if (status != STATUS_OK)
        return status;
    status = levels_check(call, sound);
    if (status != STATUS_OK)
        return status == STATUS_NOT_FOUND ? STATUS_OK : status; /* deleted meanwhile */
    status = put_copy(levelling);
    if (status != STATUS_OK)
        return status;
    const struct levelled result = result_of(levelling);
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
    levelling->is_measured = status == STATUS_OK;
    levelling->file_bytes = file.size;
    if (status != STATUS_INVALID && status != STATUS_INTERNAL)
        return status;
    log_warning(NULL, "a sound can't be measured", LOG_TEXT("user_id", levelling->sound.user_id),
                LOG_TEXT("filename", levelling->sound.filename));
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
        status = STATUS_OK;
    if (status != STATUS_OK)
        return status;
    return pg_transaction(level->call.db, finish_in_transaction, levelling);
}

static void pass_over(struct level *level, const struct unlevelled *sound, enum status status)
{
    snprintf(level->after, sizeof(level->after), "%s", sound->created_at);
    log_warning(NULL, "a sound can't be levelled now", LOG_TEXT("status", status_name(status)),
                LOG_TEXT("user_id", sound->user_id), LOG_TEXT("filename", sound->filename));
}

enum status level_next(struct level *level)
{
    struct levelling levelling = {.level = level};
    arena_reset(level->call.arena);
    level->call.now_ms = clock_wall_ms();
    const char *after = *level->after ? level->after : NULL;
    enum status status = levels_find(&level->call, after, &levelling.sound);
    if (status != STATUS_OK) {
        level->after[0] = '\0';
        return status;
    }
    buffer_init(&levelling.copy, AUDIO_RESULT_MAX);
    status = read_and_level(&levelling);
    buffer_done(&levelling.copy);
    if (status == STATUS_OK)
        metric_add(level->done, 1);
    else
        pass_over(level, &levelling.sound, status);
    return STATUS_OK;
}
