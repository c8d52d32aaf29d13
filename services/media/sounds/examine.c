/* SPDX-License-Identifier: MIT */
#include "services/media/sounds/examine.h"

#include "lib/base/clock.h"
#include "services/media/sounds/format.h"

#include <math.h>

#define PEAK_MAX_DBTP -1.0f /* EBU R128 s1: what a codec adds on decoding does not clip then */

static enum status refuse(struct call *call, enum sound_refusal reason, const char *text)
{
    const struct media *media = call->app;
    metric_add(media->sound_counts.refused[reason], 1);
    return call_fail(call, STATUS_BAD_REQUEST, text);
}

static enum status check_size(struct call *call, struct slice upload)
{
    const struct media *media = call->app;
    unsigned max = media->config->sound_max_bytes;
    if (upload.size > max)
        return refuse(call, SOUND_TOO_LARGE,
                      arena_printf(call->arena, "file too large (%uKB max)", max / 1024));
    if (upload.size == 0)
        return refuse(call, SOUND_UNSUPPORTED, "unsupported audio");
    return STATUS_OK;
}

static unsigned max_ms(const struct media_config *config)
{
    return (unsigned)lround(config->sound_max_seconds * 1000);
}

struct audio_wish sound_wish(const struct media_config *config, const char *filename,
                             struct slice file)
{
    return (struct audio_wish){
        .max_ms = max_ms(config),
        .loudness_lufs = (float)config->sound_loudness_lufs,
        .peak_max_dbtp = PEAK_MAX_DBTP,
        .copy_format = format_of_copy(filename, file),
        .copy_max_bytes = config->sound_max_bytes,
    };
}

/* A file that brings the workers down, or chance, if somebody kills them: for the client the same
 * as a service that is away. */
static enum status look(struct call *call, struct slice upload, struct audio_measure *ret_measure)
{
    const struct media *media = call->app;
    struct audio_wish wish = sound_wish(media->config, "", upload);
    int64_t left_ms = call->deadline_ms - clock_wall_ms();
    AUTO_BUFFER(nothing, AUDIO_RESULT_MAX);
    enum status status = audio_examine(media->sounds, upload, &wish, clock_mono_ms() + left_ms,
                                       ret_measure, &nothing);
    return status == STATUS_INTERNAL ? call_fail(call, STATUS_UNAVAILABLE, NULL) : status;
}

enum status sound_examine(struct call *call, struct slice upload, struct audio_measure *ret_measure)
{
    const struct media *media = call->app;
    enum status status = check_size(call, upload);
    if (status != STATUS_OK)
        return status;
    status = look(call, upload, ret_measure);
    if (status == STATUS_INVALID)
        return refuse(call, SOUND_UNSUPPORTED, "unsupported audio");
    if (status != STATUS_OK)
        return status;
    if (ret_measure->duration_ms > max_ms(media->config))
        return refuse(
            call, SOUND_TOO_LONG,
            arena_printf(call->arena, "duration must be <= %gs", media->config->sound_max_seconds));
    return STATUS_OK;
}
