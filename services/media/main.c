/* SPDX-License-Identifier: MIT */
/* ttb-media: speech, and the files that clients fetch. */
#include "gen/auth/messages.h"
#include "gen/media/api.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/daemon/service.h"
#include "services/media/files/server.h"
#include "services/media/handlers/user_deleted.h"
#include "services/media/media.h"
#include "services/media/sounds/leveller.h"
#include "services/media/sounds/sweeper.h"
#include "services/media/speech/store.h"
#include "services/media/store/owners.h"

#include <errno.h>
#include <unistd.h>

#define WAIT_MS 5000 /* how long a request waits for speech that is being made */
#define REMOTE_PATIENCE_MS 1500
#define WAITERS_MAX 2048
#define STRANGERS_MAX 512
#define JOINS_MAX 256
#define CONNECTIONS_MAX 4096
#define STOP_RESERVE_MS 4000 /* of the stop's time, for what comes after the replies */
#define WORK_QUEUE 32        /* uploads, up to a megabyte each */

extern const struct migrations media_migrations;

static const struct config_setting settings[] = {
#define SETTING(...) DAEMON_ROW(struct media_config, __VA_ARGS__)
#include "lib/daemon/config.def"
#undef SETTING
#define SETTING(...) SERVICE_ROW(struct media_config, __VA_ARGS__)
#include "lib/daemon/service.def"
#undef SETTING
#define SETTING(...) CONFIG_ROW(struct media_config, __VA_ARGS__)
#include "services/media/config.def"
#undef SETTING
};

static const struct daemon_command commands[] = {
    {"sweep", "", "removes files of sounds that belong to no sound", sweeper_command},
};

/* Beside what handlers see, in the order of starting. */
struct app {
    struct media media;
    char *remote_name;
    struct pending *pending;
    struct file_server *files;
    struct pg_options database; /* of the threads that belong to no call */
    struct audio *level_audio;
    struct service *service;
    struct sweeper *sweeper;
};

/* ---- configuration ---- */

/* A line each, with the setting's name before it. */
static void add_problems(struct buffer *problems, const char *setting, const char *lines)
{
    while (*lines) {
        size_t size = strcspn(lines, "\n");
        buffer_printf(problems, "%s: %.*s\n", setting, (int)size, lines);
        lines += size + (lines[size] == '\n');
    }
}

static void check_config(const void *closure, struct buffer *problems)
{
    const struct media_config *config = closure;
    AUTO_BUFFER(found, problems->max);
    if (voices_configure(config->tts_http_voices, &found) != STATUS_OK)
        add_problems(problems, "TTS_HTTP_VOICES", buffer_text(&found));
}

/* ---- speech ---- */

/* Without a server nobody is offered its voices. */
static void configure_voices(const struct media_config *config)
{
    AUTO_BUFFER(problems, 1); /* check_config has shown them */
    (void)!voices_configure(*config->tts_http_url ? config->tts_http_voices : "", &problems);
}

static struct maker new_maker(struct daemon *daemon)
{
    const struct media_config *config = daemon->config;
    const struct local_voices_options local = {
        .workers = config->voice_workers,
        .time_limit_ms = config->voice_timeout_ms,
        .metrics = daemon->metrics,
    };
    const struct audio_options audio = {
        .name = "speech",
        .workers = config->voice_workers,
        .time_limit_ms = config->audio_timeout_ms,
        .metrics = daemon->metrics,
    };
    const struct remote_options remote = {
        .url = config->tts_http_url,
        .key = config->tts_http_key,
        .model = config->tts_http_model,
        .timeout_ms = config->tts_http_timeout_ms,
        .connections = config->tts_http_connections,
        .metrics = daemon->metrics,
    };
    return (struct maker){
        .local = local_voices_new(&local),
        .audio = audio_new(&audio),
        .remote = *config->tts_http_url ? remote_new(&remote) : NULL,
    };
}

static struct pending *new_pending(struct daemon *daemon, const struct app *app)
{
    const struct media_config *config = daemon->config;
    const struct pending_options options = {
        .root = app->media.root,
        .speeches_max = 2 * config->voice_queue + config->voice_workers +
                        config->tts_http_connections + JOINS_MAX,
        .waiters_max = WAITERS_MAX,
        .strangers_max = STRANGERS_MAX,
        .wait_ms = WAIT_MS,
        .metrics = daemon->metrics,
    };
    return pending_new(&options);
}

static struct speech *new_speech(struct daemon *daemon, const struct app *app)
{
    const struct media_config *config = daemon->config;
    const struct speech_options options = {
        .root = app->media.root,
        .maker = &app->media.maker,
        .make = maker_make,
        .pending = app->pending,
        .allowance = app->media.speech_allowance,
        .threads = config->voice_workers,
        .remote_threads = app->media.maker.remote ? config->tts_http_connections : 0,
        .remote_name = app->remote_name,
        .queue_max = config->voice_queue,
        .joins_max = JOINS_MAX,
        .patience_ms = WAIT_MS,
        .remote_patience_ms = REMOTE_PATIENCE_MS,
        .retention_seconds = config->tts_retention_seconds,
        .cache_bytes = config->tts_cache_bytes,
        .cache_seconds = config->tts_cache_seconds,
        .metrics = daemon->metrics,
    };
    return speech_new(&options);
}

static void start_speech(struct daemon *daemon, struct app *app)
{
    const struct media_config *config = daemon->config;
    struct media *media = &app->media;
    configure_voices(config);
    media->maker = new_maker(daemon);
    if (asprintf(&app->remote_name, "%s %s", config->tts_http_url, config->tts_http_model) < 0)
        abort();
    if (config->speech_per_minute > 0)
        media->speech_allowance = allowance_new(config->speech_per_minute, MEDIA_SPEECH_WINDOW_S);
    app->pending = new_pending(daemon, app);
    media->speech = new_speech(daemon, app);
}

/* ---- start and stop ---- */

/* When what clients wait for must be there: part of the stop's time is for what comes after. */
static int64_t replies_until_ms(const struct media_config *config)
{
    int64_t limit_ms = config->daemon.shutdown_timeout_ms;
    int64_t replies_ms = limit_ms > 2 * STOP_RESERVE_MS ? limit_ms - STOP_RESERVE_MS : limit_ms / 2;
    return clock_mono_ms() + replies_ms;
}

/* The port closes first, then calls, so that nothing new begins; then what was begun is finished,
 * while clients still wait for it. */
static void stop(void *closure)
{
    struct app *app = closure;
    struct media *media = &app->media;
    int64_t until_ms = replies_until_ms(media->config);
    if (app->files)
        file_server_drain(app->files, media->config->drain_ms);
    service_stop(app->service);
    leveller_stop(media->leveller);
    sweeper_stop(app->sweeper);
    speech_stop(media->speech);
    if (app->files)
        file_server_finish(app->files, until_ms);
    if (app->pending)
        pending_stop(app->pending);
    file_server_stop(app->files);
    pending_free(app->pending);
    allowance_free(media->speech_allowance);
    remote_free(media->maker.remote);
    audio_free(media->maker.audio);
    local_voices_free(media->maker.local);
    audio_free(app->level_audio);
    audio_free(media->sounds);
    if (media->root >= 0)
        close(media->root);
    free(app->remote_name);
    free(app);
}

static enum status open_root(const struct media_config *config, struct media *media)
{
    media->root = speech_store_open(config->media_root);
    if (media->root >= 0)
        return STATUS_OK;
    log_error(NULL, "MEDIA_ROOT can't be used", LOG_TEXT("path", config->media_root),
              LOG_TEXT("reason", strerror(errno)));
    return STATUS_INTERNAL;
}

/* Far above the limit for an upload: a copy may take several attempts, and waits for the cores. */
#define LEVEL_TIME_LIMIT_MS 60000

static void start_leveller(struct daemon *daemon, struct app *app)
{
    const struct media_config *config = daemon->config;
    const struct audio_options audio = {
        .name = "level",
        .workers = 1,
        .time_limit_ms = LEVEL_TIME_LIMIT_MS,
        .is_background = true,
        .metrics = daemon->metrics,
    };
    app->level_audio = audio_new(&audio);
    const struct leveller_options options = {
        .root = app->media.root,
        .config = config,
        .database = &app->database,
        .audio = app->level_audio,
        .metrics = daemon->metrics,
    };
    app->media.leveller = leveller_start(&options);
}

static void start_sounds(struct daemon *daemon, struct app *app)
{
    const struct media_config *config = daemon->config;
    struct media *media = &app->media;
    const struct audio_options options = {
        .name = "sound",
        .workers = config->audio_workers,
        .time_limit_ms = config->audio_timeout_ms,
        .metrics = daemon->metrics,
    };
    media->sounds = audio_new(&options);
    media->sound_counts = sound_counts_make(daemon->metrics);
    start_leveller(daemon, app);
}

static enum status start_files(struct daemon *daemon, struct app *app)
{
    const struct media_config *config = daemon->config;
    const struct file_server_options options = {
        .host = config->media_host,
        .port = config->media_port,
        .threads = config->media_threads,
        .root = app->media.root,
        .pending = app->pending,
        .connections_max = CONNECTIONS_MAX,
        .metrics = daemon->metrics,
    };
    enum status status = file_server_start(&options, &app->files);
    if (status != STATUS_OK)
        log_error(NULL, "the file port can't be opened", LOG_TEXT("host", config->media_host),
                  LOG_INT("port", config->media_port));
    return status;
}

static enum status tidy(struct call *call)
{
    enum status status = erase_late_speech(call);
    return status == STATUS_OK ? owners_tidy(call) : status;
}

static enum status start_calls(struct daemon *daemon, struct app *app)
{
    static const struct inbox_subscription subscriptions[] = {
        {EVT_AUTH_USER_DELETED, "media-user-deleted", &user_deleted_message, handle_user_deleted},
    };
    const struct media_config *config = daemon->config;
    const struct service_options options = {
        .api = &media_api,
        .config = &config->service,
        .app = &app->media,
        .work_workers = config->audio_workers + config->voice_workers,
        .work_queue = WORK_QUEUE,
        .subscriptions = subscriptions,
        .subscription_count = ARRAY_LEN(subscriptions),
        .tidy = tidy,
    };
    return service_start(daemon, &options, &app->service);
}

static void start_sweeper(struct daemon *daemon, struct app *app)
{
    const struct media_config *config = daemon->config;
    const struct sweeper_options options = {
        .root = app->media.root,
        .database = &app->database,
        .interval_s = config->sound_sweep_s,
        .metrics = daemon->metrics,
    };
    app->sweeper = sweeper_start(&options);
}

static enum status start_parts(struct daemon *daemon, struct app *app)
{
    app->media.config = daemon->config;
    enum status status = open_root(daemon->config, &app->media);
    if (status != STATUS_OK)
        return status;
    const struct media_config *config = daemon->config;
    app->database = database_options(&config->service, daemon->name, NULL);
    start_sounds(daemon, app);
    start_speech(daemon, app);
    status = start_files(daemon, app);
    if (status != STATUS_OK)
        return status;
    status = start_calls(daemon, app);
    if (status == STATUS_OK)
        start_sweeper(daemon, app);
    return status;
}

static enum status start(struct daemon *daemon, void **ret_app)
{
    struct app *app = calloc(1, sizeof(*app));
    if (!app)
        abort();
    enum status status = start_parts(daemon, app);
    if (status != STATUS_OK) {
        stop(app);
        return status;
    }
    *ret_app = app;
    return STATUS_OK;
}

int main(int argc, char **argv)
{
    const struct daemon_program program = {
        .name = "media",
        .description = "speech, and the files that clients fetch",
        .settings = settings,
        .settings_count = ARRAY_LEN(settings),
        .config_size = sizeof(struct media_config),
        .database = &daemon_database,
        .service_offset = offsetof(struct media_config, service),
        .migrations = &media_migrations,
        .commands = commands,
        .command_count = ARRAY_LEN(commands),
        .check_config = check_config,
        .start = start,
        .stop = stop,
    };
    return daemon_main(&program, argc, argv);
}
