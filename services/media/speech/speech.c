/* SPDX-License-Identifier: MIT */
/* A speech's way: speech_begin → pending → cache, or flight → lane → maker → cache → its files. */
#include "services/media/speech/speech.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "services/media/speech/flights.h"
#include "services/media/speech/lane.h"
#include "services/media/speech/shelf.h"
#include "services/media/speech/store.h"

#define ARENA_BYTES (4u * 1024 * 1024) /* for what is made of a text on its way to a voice */
#define LOCAL_RESERVE_MS 1000          /* of the patience, for when the other server fails */

struct speech {
    struct speech_options options;
    struct speech_sweeper *sweeper;
    struct shelf shelf;
    struct flights *flights;
    struct lane *local;
    struct lane *remote; /* NULL: no voice is another server's */

    struct metric *made;
    struct metric *failed;
    struct metric *hits;
    struct metric *misses;
    struct metric *joined;
    struct metric *fallbacks;
    struct metric *refused;
    struct metric *cancelled;
};

static struct speech_key key_of(const struct speech *speech, const struct voice *voice,
                                const char *text)
{
    struct speech_key key;
    speech_key_make(voice, voice_is_remote(voice) ? speech->options.remote_name : NULL, text, &key);
    return key;
}

/* ---- what becomes of a job ---- */

static void report(const struct speech *speech, const struct speech_job *job, const char *path,
                   enum status status)
{
    if (status == STATUS_OK)
        return;
    metric_add(speech->failed, 1);
    if (status == STATUS_INVALID)
        log_info(NULL, "a text has no sound", LOG_TEXT("path", path),
                 LOG_TEXT("voice", job->voice->id));
    else
        log_warning(NULL, "a speech could not be made", LOG_TEXT("path", path),
                    LOG_TEXT("voice", job->voice->id), LOG_TEXT("status", status_name(status)));
}

/* Gives it, or the failure, to all who have asked for it by now. Owns the job. */
static void land(const struct speech *speech, struct speech_job *job, enum status status,
                 const struct speech_key *key, struct slice audio)
{
    struct flight_paths landed = flights_land(speech->flights, &job->flight);
    for (size_t i = 0; i < landed.count; i++) {
        const struct speech_path *path = &landed.paths[i];
        enum status got =
            status == STATUS_OK ? shelf_deliver(&speech->shelf, key, audio, path) : status;
        report(speech, job, path->text, got);
        shelf_end(&speech->shelf, path, got);
    }
    free(landed.paths);
    speech_job_free(job);
}

static void fail(const struct speech *speech, struct speech_job *job, enum status status)
{
    land(speech, job, status, NULL, (struct slice){0});
}

/* audio stays empty when the cache has it by now. */
static enum status make(const struct speech *speech, const struct speech_job *job,
                        const struct speech_key *key, int64_t deadline_ms, struct buffer *audio)
{
    if (clock_mono_ms() >= deadline_ms)
        return STATUS_TIMEOUT;
    if (shelf_has(&speech->shelf, key))
        return STATUS_OK;
    const struct speech_order order = {
        .voice = job->voice,
        .text = job->text,
        .speed = 1,
        .format = AUDIO_MP3,
        .deadline_ms = deadline_ms,
    };
    AUTO(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    enum status status = speech->options.make(speech->options.maker, &order, arena, audio);
    if (status != STATUS_OK)
        return status;
    metric_add(speech->made, 1);
    shelf_keep(&speech->shelf, key, buffer_slice(audio));
    return STATUS_OK;
}

/* What nobody wants any more is not made. */
static bool drop_unwanted(const struct speech *speech, struct speech_job *job)
{
    if (!flights_end_unwanted(speech->flights, &job->flight))
        return false;
    speech_job_free(job);
    return true;
}

static void run_local(void *closure, struct speech_job *job)
{
    struct speech *speech = closure;
    if (drop_unwanted(speech, job))
        return;
    struct speech_key key = key_of(speech, job->voice, job->text);
    int64_t deadline_ms = flights_deadline_ms(speech->flights, &job->flight);
    AUTO_BUFFER(audio, SPEECH_AUDIO_MAX);
    enum status status = make(speech, job, &key, deadline_ms, &audio);
    land(speech, job, status, &key, buffer_slice(&audio));
}

/* ---- what another server speaks ---- */

static void speak_locally(struct speech *speech, struct speech_job *job)
{
    metric_add(speech->fallbacks, 1);
    job->voice = voices_local_of(job->voice);
    if (!lane_add(speech->local, job))
        fail(speech, job, STATUS_UNAVAILABLE);
}

/* Whether a local voice may do better. */
static bool is_servers_fault(enum status status)
{
    return status != STATUS_OK && status != STATUS_INVALID && status != STATUS_TOO_LARGE;
}

static void run_remote(void *closure, struct speech_job *job)
{
    struct speech *speech = closure;
    if (drop_unwanted(speech, job))
        return;
    struct speech_key key = key_of(speech, job->voice, job->text);
    int64_t deadline_ms = job->asked_ms + speech->options.patience_ms - LOCAL_RESERVE_MS;
    bool is_late = clock_mono_ms() - job->asked_ms > speech->options.remote_patience_ms;
    AUTO_BUFFER(audio, SPEECH_AUDIO_MAX);
    enum status status = is_late ? STATUS_TIMEOUT : make(speech, job, &key, deadline_ms, &audio);
    if (is_servers_fault(status))
        speak_locally(speech, job);
    else
        land(speech, job, status, &key, buffer_slice(&audio));
}

/* ---- asking ---- */

static bool is_allowed(const struct speech *speech, const char *user_id)
{
    struct uuid user;
    if (!speech->options.allowance || !user_id || !uuid_parse(user_id, &user))
        return true;
    struct allowance_key key = allowance_key_of(&user);
    return !allowance_take(speech->options.allowance, &key, clock_mono_ns()).is_refused;
}

/* The one that will speak: it decides the lane, and what the cache knows the speech by. */
static const struct voice *choose_voice(const struct speech *speech, const char *voice_id,
                                        const char *text)
{
    const struct voice *voice = voices_get(voice_id);
    return voices_for_text(speech->remote ? voice : voices_local_of(voice), text);
}

static enum status lead(struct speech *speech, const struct speech_key *key,
                        const struct voice *voice, const char *text)
{
    struct speech_job *job = speech_job_new(key, voice, text);
    job->asked_ms = clock_mono_ms();
    if (voice_is_remote(voice)) {
        if (lane_add(speech->remote, job))
            return STATUS_OK;
        metric_add(speech->fallbacks, 1);
        job->voice = voices_local_of(voice);
    }
    if (lane_add(speech->local, job))
        return STATUS_OK;
    fail(speech, job, STATUS_UNAVAILABLE);
    return STATUS_UNAVAILABLE;
}

static enum status provide(struct speech *speech, const struct speech_path *path,
                           const struct voice *voice, const char *text)
{
    struct speech_key key = key_of(speech, voice, text);
    if (shelf_take(&speech->shelf, &key, path)) {
        metric_add(speech->hits, 1);
        shelf_end(&speech->shelf, path, STATUS_OK);
        return STATUS_OK;
    }
    metric_add(speech->misses, 1);
    int64_t deadline_ms = clock_mono_ms() + speech->options.patience_ms;
    switch (flights_join(speech->flights, &key, path, deadline_ms)) {
    case FLIGHT_LEAD:
        return lead(speech, &key, voice, text);
    case FLIGHT_JOIN:
        metric_add(speech->joined, 1);
        return STATUS_OK;
    default:
        shelf_end(&speech->shelf, path, STATUS_UNAVAILABLE);
        return STATUS_UNAVAILABLE;
    }
}

enum status speech_begin(struct speech *speech, const char *user_id, const char *id,
                         const char *voice_id, const char *text)
{
    struct speech_path path;
    if (text_is_blank(text) || !speech_path_make(user_id, id, &path))
        return STATUS_INVALID;
    enum status status = pending_begin(speech->options.pending, path.text);
    if (status == STATUS_CONFLICT || status == STATUS_NOT_FOUND)
        return STATUS_OK;
    if (status != STATUS_OK)
        return status;
    if (is_allowed(speech, user_id))
        return provide(speech, &path, choose_voice(speech, voice_id, text), text);
    metric_add(speech->refused, 1);
    shelf_end(&speech->shelf, &path, STATUS_TOO_MANY);
    return STATUS_TOO_MANY;
}

/* What is being delivered at this moment goes again with shelf_end, which sees that it was
 * withdrawn. */
enum status speech_cancel(struct speech *speech, const char *user_id, const char *id)
{
    struct speech_path path;
    if (!speech_path_make(user_id, id, &path))
        return STATUS_INVALID;
    pending_withdraw(speech->options.pending, path.text);
    if (flights_leave(speech->flights, &path)) {
        metric_add(speech->cancelled, 1);
        shelf_end(&speech->shelf, &path, STATUS_NOT_FOUND);
    }
    speech_store_remove(speech->options.root, &path);
    return STATUS_OK;
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

/* ---- start and stop ---- */

static void register_metrics(struct speech *speech, struct metrics *metrics)
{
    if (!metrics)
        return;
    const struct {
        struct metric **metric;
        const char *name;
        const char *help;
    } counters[] = {
        {&speech->made, "ttb_speech_made_total", "Texts spoken"},
        {&speech->failed, "ttb_speech_failed_total", "Speech files that could not be made"},
        {&speech->hits, "ttb_speech_cache_hits_total", "Speech files from the cache"},
        {&speech->misses, "ttb_speech_cache_misses_total", "Speech that was not in the cache"},
        {&speech->joined, "ttb_speech_joined_total", "Of that, what was being made already"},
        {&speech->fallbacks, "ttb_speech_fallbacks_total",
         "Texts for another server's voice that a local one got"},
        {&speech->refused, "ttb_speech_refused_total", "Texts over their user's allowance"},
        {&speech->cancelled, "ttb_speech_cancelled_total",
         "Speech files that were not to be made after all"},
    };
    for (size_t i = 0; i < ARRAY_LEN(counters); i++)
        *counters[i].metric = metrics_counter(metrics, counters[i].name, counters[i].help, "");
}

static struct speech_sweeper *start_sweeper(const struct speech_options *options)
{
    const struct speech_sweeper_options sweeper = {
        .root = options->root,
        .retention_seconds = options->retention_seconds,
        .cache_bytes = options->cache_bytes,
        .cache_seconds = options->cache_seconds,
        .metrics = options->metrics,
    };
    return speech_sweeper_new(&sweeper);
}

static struct lane *start_lane(struct speech *speech, unsigned threads, lane_run_fn *run,
                               const char *labels)
{
    const struct lane_options options = {
        .threads = threads,
        .queue_max = speech->options.queue_max,
        .run = run,
        .closure = speech,
        .metrics = speech->options.metrics,
        .labels = labels,
    };
    return lane_new(&options);
}

struct speech *speech_new(const struct speech_options *options)
{
    struct speech *speech = calloc(1, sizeof(*speech));
    if (!speech)
        abort();
    speech->options = *options;
    register_metrics(speech, options->metrics);
    speech->sweeper = start_sweeper(options);
    speech->shelf = (struct shelf){
        .root = options->root,
        .has_cache = options->cache_bytes > 0,
        .sweeper = speech->sweeper,
        .pending = options->pending,
    };
    speech->flights = flights_new(options->joins_max);
    speech->local = start_lane(speech, options->threads, run_local, "lane=\"local\"");
    if (options->remote_threads > 0)
        speech->remote = start_lane(speech, options->remote_threads, run_remote, "lane=\"remote\"");
    return speech;
}

void speech_stop(struct speech *speech)
{
    if (!speech)
        return;
    lane_stop(speech->remote); /* what fails there is still spoken locally */
    lane_stop(speech->local);
    speech_sweeper_stop(speech->sweeper);
    flights_free(speech->flights);
    free(speech);
}
