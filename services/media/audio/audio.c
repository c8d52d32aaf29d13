/* SPDX-License-Identifier: MIT */
#include "services/media/audio/audio.h"

#include "lib/base/log.h"
#include "services/media/workers/pool.h"

#include <assert.h>
#include <math.h>

#define START_LIMIT_MS 10000 /* its many libraries take 100 ms to load, when they are cached */

struct audio {
    struct worker_pool *pool;
};

struct audio *audio_new(const struct audio_options *options)
{
    struct audio *audio = calloc(1, sizeof(*audio));
    if (!audio)
        abort();
    const struct worker_pool_options pool = {
        .program = options->program ? options->program : "ttb-audio",
        .name = options->name,
        .workers = options->workers,
        .time_limit_ms = options->time_limit_ms,
        .start_limit_ms = START_LIMIT_MS,
        .is_background = options->is_background,
        .answer_max = AUDIO_RESULT_MAX,
        .metrics = options->metrics,
    };
    audio->pool = worker_pool_new(&pool);
    return audio;
}

const char *audio_format_name(enum audio_format format)
{
    static const char *const names[] = {"mp3", "wav", "ogg-vorbis", "ogg-opus", "m4a"};
    assert((size_t)format < ARRAY_LEN(names));
    return names[format];
}

/* A worker has met bytes from outside, so its answer is checked like them. */
static enum status refuse_answer(enum audio_operation operation)
{
    log_warning(NULL, "an audio worker's answer makes no sense", LOG_INT("operation", operation));
    return STATUS_INTERNAL;
}

static bool measure_is_sane(const struct audio_measure *measure, const struct audio_wish *wish,
                            size_t copy_bytes)
{
    uint32_t copy_format = wish->copy_format;
    if (copy_format == AUDIO_FORMAT_OF_FILE)
        copy_format = measure->format;
    bool may_copy = wish->measure && wish->normalise && !measure->is_silent &&
                    measure->duration_ms <= wish->max_ms;
    return measure->format < AUDIO_FORMAT_COUNT && measure->copy_format == copy_format &&
           measure->is_silent <= 1 && isfinite(measure->loudness_lufs) &&
           isfinite(measure->peak_dbtp) && isfinite(measure->gain_db) &&
           copy_bytes <= (may_copy ? wish->copy_max_bytes : 0);
}

enum status audio_examine(struct audio *audio, struct slice file, const struct audio_wish *wish,
                          int64_t deadline_ms, struct audio_measure *ret_measure,
                          struct buffer *copy)
{
    assert(copy->max >= wish->copy_max_bytes);
    buffer_clear(copy);
    if (file.size > AUDIO_FILE_MAX)
        return STATUS_INVALID;
    const struct worker_task task = {
        .code = AUDIO_EXAMINE,
        .head = {wish, sizeof(*wish)},
        .body = file,
        .deadline_ms = deadline_ms,
    };
    AUTO_BUFFER(answer, AUDIO_RESULT_MAX);
    enum status status = worker_pool_run(audio->pool, &task, &answer);
    if (status != STATUS_OK)
        return status;

    struct audio_measure measure;
    if (answer.size < sizeof(measure))
        return refuse_answer(AUDIO_EXAMINE);
    memcpy(&measure, answer.data, sizeof(measure));
    size_t copy_bytes = answer.size - sizeof(measure);
    if (!measure_is_sane(&measure, wish, copy_bytes))
        return refuse_answer(AUDIO_EXAMINE);
    buffer_add(copy, answer.data + sizeof(measure), copy_bytes);
    *ret_measure = measure;
    return STATUS_OK;
}

enum status audio_encode(struct audio *audio, struct slice pcm, unsigned rate_hz, double tempo,
                         enum audio_format format, int64_t deadline_ms, struct buffer *out)
{
    buffer_clear(out);
    if (pcm.size > AUDIO_PCM_MAX)
        return STATUS_INVALID;
    const struct audio_encoding encoding = {format, rate_hz, (float)tempo};
    const struct worker_task task = {
        .code = AUDIO_ENCODE,
        .head = {&encoding, sizeof(encoding)},
        .body = pcm,
        .deadline_ms = deadline_ms,
    };
    AUTO_BUFFER(answer, AUDIO_RESULT_MAX);
    enum status status = worker_pool_run(audio->pool, &task, &answer);
    if (status != STATUS_OK)
        return status;
    if (answer.size == 0)
        return refuse_answer(AUDIO_ENCODE);
    buffer_add(out, answer.data, answer.size);
    return out->overflowed ? STATUS_TOO_LARGE : STATUS_OK;
}

enum status audio_decode(struct audio *audio, struct slice file, unsigned rate_hz, unsigned max_ms,
                         int64_t deadline_ms, struct buffer *pcm)
{
    buffer_clear(pcm);
    if (file.size > AUDIO_FILE_MAX)
        return STATUS_INVALID;
    const struct audio_decoding decoding = {rate_hz, max_ms};
    const struct worker_task task = {
        .code = AUDIO_DECODE,
        .head = {&decoding, sizeof(decoding)},
        .body = file,
        .deadline_ms = deadline_ms,
    };
    AUTO_BUFFER(answer, AUDIO_RESULT_MAX);
    enum status status = worker_pool_run(audio->pool, &task, &answer);
    if (status != STATUS_OK)
        return status;
    uint64_t most = (uint64_t)rate_hz * max_ms / 1000 * sizeof(int16_t);
    if (answer.size == 0 || answer.size % sizeof(int16_t) != 0 || answer.size > most)
        return refuse_answer(AUDIO_DECODE);
    buffer_add(pcm, answer.data, answer.size);
    return pcm->overflowed ? STATUS_TOO_LARGE : STATUS_OK;
}

void audio_stop(struct audio *audio)
{
    worker_pool_stop(audio->pool);
}

void audio_free(struct audio *audio)
{
    if (!audio)
        return;
    worker_pool_free(audio->pool);
    free(audio);
}
