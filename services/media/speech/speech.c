/* SPDX-License-Identifier: MIT */
#include "services/media/speech/speech.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "services/media/domain/parts.h"
#include "services/media/speech/queue.h"
#include "services/media/speech/store.h"
#include "services/media/voice/wire.h"

#include <assert.h>
#include <pthread.h>

#define SWEEP_INTERVAL_MAX_S 60
#define ARENA_BYTES (256 * 1024) /* for the parts of a text */

struct speech {
    struct speech_options options;
    struct metric *made;
    struct metric *failed;
    struct metric *swept;
    struct speech_queue *queue;
    pthread_t *workers;

    pthread_t sweeper;
    pthread_mutex_t mutex; /* for the sweeper's sleep */
    pthread_cond_t stopped;
    bool is_stopping;
};

/* The parts' MP3s one after the other, which is an MP3 again. */
static enum status speak(struct speech *speech, const struct speech_job *job, struct arena *arena,
                         struct buffer *audio)
{
    struct voice_part parts[VOICE_PARTS_MAX];
    size_t count = parts_divide(arena, job->voice, job->text, parts);
    AUTO_BUFFER(part, VOICE_AUDIO_MAX);
    for (size_t i = 0; i < count; i++) {
        enum status status = voice_pool_speak(speech->options.voices, parts[i].voice, parts[i].text,
                                              job->deadline_ms, &part);
        if (status == STATUS_OK)
            buffer_add(audio, part.data, part.size);
        else if (status != STATUS_INVALID) /* a part may be silent */
            return status;
    }
    return audio->size > 0 ? STATUS_OK : STATUS_INVALID;
}

static enum status make(struct speech *speech, const struct speech_job *job)
{
    if (clock_mono_ms() >= job->deadline_ms)
        return STATUS_TIMEOUT;
    AUTO(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    AUTO_BUFFER(audio, VOICE_PARTS_MAX * VOICE_AUDIO_MAX);
    enum status status = speak(speech, job, arena, &audio);
    if (status != STATUS_OK)
        return status;
    return speech_store_put(speech->options.root, &job->path, buffer_slice(&audio));
}

static void work(struct speech *speech, const struct speech_job *job)
{
    enum status status = make(speech, job);
    bool is_wanted = pending_end(speech->options.pending, job->path.text, status == STATUS_OK);
    if (status == STATUS_OK && !is_wanted) {
        speech_store_remove(speech->options.root, &job->path);
        return;
    }
    metric_add(status == STATUS_OK ? speech->made : speech->failed, 1);
    if (status == STATUS_INVALID)
        log_info(NULL, "a text has no sound", LOG_TEXT("path", job->path.text),
                 LOG_TEXT("voice", job->voice->id));
    else if (status != STATUS_OK)
        log_warning(NULL, "a speech could not be made", LOG_TEXT("path", job->path.text),
                    LOG_TEXT("voice", job->voice->id), LOG_TEXT("status", status_name(status)));
}

static void *run_worker(void *closure)
{
    struct speech *speech = closure;
    struct speech_job *job;
    while ((job = speech_queue_take(speech->queue))) {
        work(speech, job);
        speech_job_free(job);
    }
    return NULL;
}

/* Sleeps until the next sweep. False when it is time to stop. */
static bool sleep_between_sweeps(struct speech *speech)
{
    int64_t interval_s = speech->options.retention_seconds / 10;
    if (interval_s > SWEEP_INTERVAL_MAX_S)
        interval_s = SWEEP_INTERVAL_MAX_S;
    struct timespec until = {.tv_sec = clock_mono_ms() / 1000 + interval_s + 1};
    pthread_mutex_lock(&speech->mutex);
    int waited = 0;
    while (!speech->is_stopping && waited == 0)
        waited = pthread_cond_timedwait(&speech->stopped, &speech->mutex, &until);
    bool goes_on = !speech->is_stopping;
    pthread_mutex_unlock(&speech->mutex);
    return goes_on;
}

static void *run_sweeper(void *closure)
{
    struct speech *speech = closure;
    do {
        int64_t before_s = clock_wall_ms() / 1000 - speech->options.retention_seconds;
        unsigned removed = speech_store_sweep(speech->options.root, before_s);
        metric_add(speech->swept, removed);
        if (removed > 0)
            log_debug(NULL, "old speech is removed", LOG_INT("files", removed));
    } while (sleep_between_sweeps(speech));
    return NULL;
}

static void register_metrics(struct speech *speech, struct metrics *metrics)
{
    if (!metrics)
        return;
    speech->made = metrics_counter(metrics, "ttb_speech_made_total", "Speech files made", "");
    speech->failed =
        metrics_counter(metrics, "ttb_speech_failed_total", "Speech that could not be made", "");
    speech->swept =
        metrics_counter(metrics, "ttb_speech_swept_total", "Speech files removed as old", "");
}

static void start_thread(pthread_t *thread, void *(*run)(void *), struct speech *speech)
{
    int failed = pthread_create(thread, NULL, run, speech);
    assert(!failed);
}

struct speech *speech_new(const struct speech_options *options)
{
    struct speech *speech = calloc(1, sizeof(*speech));
    pthread_t *workers = calloc(options->threads, sizeof(*workers));
    if (!speech || !workers)
        abort();
    speech->options = *options;
    speech->workers = workers;
    speech->queue = speech_queue_new(options->queue_max, options->metrics);
    register_metrics(speech, options->metrics);

    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&speech->stopped, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&speech->mutex, NULL);
    for (unsigned i = 0; i < options->threads; i++)
        start_thread(&speech->workers[i], run_worker, speech);
    start_thread(&speech->sweeper, run_sweeper, speech);
    return speech;
}

enum status speech_begin(struct speech *speech, const char *user_id, const char *id,
                         const char *voice_id, const char *text)
{
    struct speech_path path;
    if (text_is_blank(text) || !speech_path_make(user_id, id, &path))
        return STATUS_INVALID;
    enum status status = pending_begin(speech->options.pending, path.text);
    if (status == STATUS_CONFLICT)
        return STATUS_OK;
    if (status != STATUS_OK)
        return status;

    struct speech_job *job = speech_job_new(&path, text);
    job->voice = voices_get(voice_id);
    job->deadline_ms = clock_mono_ms() + speech->options.patience_ms;
    if (speech_queue_add(speech->queue, job))
        return STATUS_OK;
    pending_end(speech->options.pending, path.text, false);
    speech_job_free(job);
    return STATUS_UNAVAILABLE;
}

/* What is stored after the folder went was cancelled before, and whoever stores it sees that. */
enum status speech_erase(struct speech *speech, const char *user_id, unsigned *ret_files)
{
    struct speech_folder folder;
    if (!speech_folder_make(user_id, &folder))
        return STATUS_INVALID;
    pending_cancel(speech->options.pending, &folder);
    return speech_store_erase(speech->options.root, &folder, ret_files);
}

static void wake_sweeper(struct speech *speech)
{
    pthread_mutex_lock(&speech->mutex);
    speech->is_stopping = true;
    pthread_cond_signal(&speech->stopped);
    pthread_mutex_unlock(&speech->mutex);
}

void speech_stop(struct speech *speech)
{
    if (!speech)
        return;
    speech_queue_close(speech->queue);
    wake_sweeper(speech);
    for (unsigned i = 0; i < speech->options.threads; i++)
        pthread_join(speech->workers[i], NULL);
    pthread_join(speech->sweeper, NULL);
    pthread_cond_destroy(&speech->stopped);
    pthread_mutex_destroy(&speech->mutex);
    speech_queue_free(speech->queue);
    free(speech->workers);
    free(speech);
}
