/* SPDX-License-Identifier: MIT */
#include "services/media/voice/local.h"

#include "services/media/workers/pool.h"

#include <assert.h>
#include <math.h>

#define START_LIMIT_MS 5000

struct local_voices {
    struct worker_pool *pool;
};

struct local_voices *local_voices_new(const struct local_voices_options *options)
{
    struct local_voices *voices = calloc(1, sizeof(*voices));
    if (!voices)
        abort();
    const struct worker_pool_options pool = {
        .program = options->program ? options->program : "ttb-voice",
        .name = "voice",
        .workers = options->workers,
        .time_limit_ms = options->time_limit_ms,
        .start_limit_ms = START_LIMIT_MS,
        .answer_max = VOICE_PCM_MAX,
        .metrics = options->metrics,
    };
    voices->pool = worker_pool_new(&pool);
    return voices;
}

/* Words a minute as near to speed as espeak-ng comes; *ret_tempo is the rest. */
static unsigned choose_wpm(const struct voice *voice, double speed, double *ret_tempo)
{
    double wanted = voice->speed_wpm * speed;
    double wpm = fmin(fmax(wanted, VOICE_WPM_MIN), VOICE_WPM_MAX);
    *ret_tempo = wanted / wpm;
    return (unsigned)lround(wpm);
}

enum status local_voices_speak(struct local_voices *voices, const struct voice *voice, double speed,
                               const char *text, int64_t deadline_ms, struct buffer *pcm,
                               double *ret_tempo)
{
    size_t size = strlen(text);
    assert(size > 0 && size <= VOICE_TEXT_MAX && speed >= 0.25 && speed <= 4);
    double tempo;
    const struct voice_request request = {
        .speed_wpm = (uint16_t)choose_wpm(voice, speed, &tempo),
        .pitch = (uint16_t)voice->pitch,
    };
    const struct worker_task task = {
        .argument = voice->espeak,
        .head = {&request, sizeof(request)},
        .body = {text, size},
        .deadline_ms = deadline_ms,
    };
    AUTO_BUFFER(answer, VOICE_PCM_MAX);
    enum status status = worker_pool_run(voices->pool, &task, &answer);
    if (status != STATUS_OK)
        return status;
    if (answer.size < sizeof(int16_t))
        return STATUS_INVALID;
    buffer_add(pcm, answer.data, answer.size / sizeof(int16_t) * sizeof(int16_t));
    if (pcm->overflowed)
        return STATUS_TOO_LARGE;
    *ret_tempo = tempo;
    return STATUS_OK;
}

void local_voices_free(struct local_voices *voices)
{
    if (!voices)
        return;
    worker_pool_free(voices->pool);
    free(voices);
}
