/* SPDX-License-Identifier: MIT */
#include "services/media/voice/pool.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "services/media/voice/process.h"
#include "services/media/voice/wire.h"

#include <assert.h>
#include <limits.h>
#include <pthread.h>
#include <unistd.h>

#define ATTEMPTS 2

struct place {
    struct voice_process process;
    const char *espeak_voice; /* of the process */
    bool is_taken;
    int64_t last_used_ms;
};

struct voice_pool {
    char program[PATH_MAX];
    unsigned time_limit_ms;
    unsigned start_limit_ms;
    struct metric *requests;
    struct metric *failures;
    struct metric *crashes;
    struct metric *timeouts;
    struct metric *starts;
    struct metric *seconds;

    pthread_mutex_t mutex; /* guards is_taken of all places; who took one owns the rest of it */
    pthread_cond_t freed;
    unsigned count;
    struct place places[];
};

/* ttb-voice in the folder of our own executable. */
static void find_program(char program[static PATH_MAX])
{
    static const char name[] = "ttb-voice";
    ssize_t size = readlink("/proc/self/exe", program, PATH_MAX - sizeof(name));
    assert(size > 0);
    program[size] = '\0';
    char *file = strrchr(program, '/') + 1;
    memcpy(file, name, sizeof(name));
}

static void register_metrics(struct voice_pool *pool, struct metrics *metrics)
{
    if (!metrics)
        return;
    pool->requests =
        metrics_counter(metrics, "ttb_voice_requests_total", "Texts to speak by local voices", "");
    pool->failures =
        metrics_counter(metrics, "ttb_voice_failures_total", "Texts that could not be spoken", "");
    pool->crashes = metrics_counter(metrics, "ttb_voice_worker_crashes_total",
                                    "Voice workers that died over a text", "");
    pool->timeouts = metrics_counter(metrics, "ttb_voice_worker_timeouts_total",
                                     "Voice workers killed at the time limit", "");
    pool->starts =
        metrics_counter(metrics, "ttb_voice_worker_starts_total", "Voice workers started", "");
    pool->seconds = metrics_histogram(metrics, "ttb_voice_seconds",
                                      "Time from text to MP3, waiting included", "");
}

struct voice_pool *voice_pool_new(const struct voice_pool_options *options)
{
    assert(options->workers >= 1 && options->workers <= 64);
    struct voice_pool *pool = calloc(1, sizeof(*pool) + options->workers * sizeof(struct place));
    if (!pool)
        abort();
    if (options->program)
        snprintf(pool->program, sizeof(pool->program), "%s", options->program);
    else
        find_program(pool->program);
    pool->time_limit_ms = options->time_limit_ms;
    pool->start_limit_ms = options->start_limit_ms;
    pool->count = options->workers;
    register_metrics(pool, options->metrics);

    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&pool->freed, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&pool->mutex, NULL);
    return pool;
}

static bool speaks(const struct place *place, const struct voice *voice)
{
    return place->process.pid != 0 && text_equal(place->espeak_voice, voice->espeak);
}

/* Of two free places, whether a suits the voice better: its own worker, then no worker, then the
 * one idle longest. */
static bool suits_better(const struct place *a, const struct place *b, const struct voice *voice)
{
    if (speaks(a, voice) != speaks(b, voice))
        return speaks(a, voice);
    if ((a->process.pid == 0) != (b->process.pid == 0))
        return a->process.pid == 0;
    return a->last_used_ms < b->last_used_ms;
}

static struct place *find_place(struct voice_pool *pool, const struct voice *voice)
{
    struct place *best = NULL;
    for (unsigned i = 0; i < pool->count; i++) {
        struct place *place = &pool->places[i];
        if (!place->is_taken && (!best || suits_better(place, best, voice)))
            best = place;
    }
    return best;
}

/* Waits for a free place. NULL at the deadline. */
static struct place *take_place(struct voice_pool *pool, const struct voice *voice,
                                int64_t deadline_ms)
{
    struct timespec until = {.tv_sec = deadline_ms / 1000, .tv_nsec = deadline_ms % 1000 * 1000000};
    pthread_mutex_lock(&pool->mutex);
    struct place *place = find_place(pool, voice);
    int waited = 0;
    while (!place && waited == 0) {
        waited = pthread_cond_timedwait(&pool->freed, &pool->mutex, &until);
        place = find_place(pool, voice);
    }
    if (place)
        place->is_taken = true;
    pthread_mutex_unlock(&pool->mutex);
    return place;
}

static void give_back(struct voice_pool *pool, struct place *place)
{
    pthread_mutex_lock(&pool->mutex);
    place->is_taken = false;
    place->last_used_ms = clock_mono_ms();
    pthread_cond_signal(&pool->freed);
    pthread_mutex_unlock(&pool->mutex);
}

/* Makes the place's worker one that speaks the voice. */
static enum status staff(struct voice_pool *pool, struct place *place, const struct voice *voice)
{
    if (speaks(place, voice) && voice_process_is_alive(&place->process))
        return STATUS_OK;
    voice_process_end(&place->process);
    enum status status = voice_process_start(
        pool->program, voice->espeak, clock_mono_ms() + pool->start_limit_ms, &place->process);
    if (status != STATUS_OK) {
        log_warning(NULL, "a voice worker does not start", LOG_TEXT("voice", voice->espeak),
                    LOG_TEXT("program", pool->program), LOG_TEXT("status", status_name(status)));
        return status;
    }
    place->espeak_voice = voice->espeak;
    metric_add(pool->starts, 1);
    return STATUS_OK;
}

/* Ends a worker that failed over a text. */
static void dismiss(struct voice_pool *pool, struct place *place, const struct voice *voice,
                    enum status status)
{
    bool hung = status == STATUS_TIMEOUT;
    metric_add(hung ? pool->timeouts : pool->crashes, 1);
    log_warning(NULL, hung ? "a voice worker hangs and is killed" : "a voice worker died",
                LOG_TEXT("voice", voice->espeak), LOG_INT("pid", place->process.pid));
    voice_process_end(&place->process);
}

static enum status attempt(struct voice_pool *pool, struct place *place, const struct voice *voice,
                           const char *text, struct buffer *out)
{
    buffer_clear(out);
    struct voice_speech speech = {
        .text = text, .speed_wpm = voice->speed_wpm, .pitch = voice->pitch};
    enum status status =
        voice_process_speak(&place->process, &speech, clock_mono_ms() + pool->time_limit_ms, out);
    if (status == STATUS_OK || status == STATUS_INVALID)
        return status;
    dismiss(pool, place, voice, status);
    return STATUS_INTERNAL;
}

static enum status speak_at(struct voice_pool *pool, struct place *place, const struct voice *voice,
                            const char *text, int64_t deadline_ms, struct buffer *out)
{
    enum status status = STATUS_INTERNAL;
    for (unsigned i = 0; i < ATTEMPTS && status == STATUS_INTERNAL; i++) {
        if (clock_mono_ms() >= deadline_ms)
            return STATUS_TIMEOUT;
        if (staff(pool, place, voice) != STATUS_OK)
            return STATUS_UNAVAILABLE;
        status = attempt(pool, place, voice, text, out);
    }
    return status;
}

enum status voice_pool_speak(struct voice_pool *pool, const struct voice *voice, const char *text,
                             int64_t deadline_ms, struct buffer *out)
{
    assert(out->max >= VOICE_AUDIO_MAX);
    int64_t start_ns = clock_mono_ns();
    metric_add(pool->requests, 1);
    struct place *place = take_place(pool, voice, deadline_ms);
    enum status status = STATUS_TIMEOUT;
    if (place) {
        status = speak_at(pool, place, voice, text, deadline_ms, out);
        give_back(pool, place);
    }
    if (status == STATUS_OK)
        metric_observe_ns(pool->seconds, clock_mono_ns() - start_ns);
    else
        metric_add(pool->failures, 1);
    return status;
}

void voice_pool_free(struct voice_pool *pool)
{
    if (!pool)
        return;
    for (unsigned i = 0; i < pool->count; i++)
        voice_process_end(&pool->places[i].process);
    pthread_cond_destroy(&pool->freed);
    pthread_mutex_destroy(&pool->mutex);
    free(pool);
}
