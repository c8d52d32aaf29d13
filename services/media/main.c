/* SPDX-License-Identifier: MIT */
/* ttb-media: speech, and the files that clients fetch. */
#include "gen/auth/messages.h"
#include "gen/media/api.h"
#include "lib/base/log.h"
#include "lib/daemon/service.h"
#include "services/media/config.h"
#include "services/media/files/server.h"
#include "services/media/handlers/user_deleted.h"
#include "services/media/speech/speech.h"
#include "services/media/speech/store.h"

#include <errno.h>
#include <unistd.h>

#define WAIT_MS 5000 /* how long a request waits for speech that is being made */
#define GRACE_MS                                                                                   \
    1000 /* and for speech that we were not told of yet: the client may be faster than NATS */
#define WAITERS_MAX 2048
#define CONNECTIONS_MAX 4096
#define WORKER_START_MS 5000

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

/* In the order of starting. */
struct media {
    int root;
    struct voice_pool *voices;
    struct pending *pending;
    struct speech *speech;
    struct file_server *files;
    struct service *service;
};

/* Calls first, so that nothing new begins; then what was begun is finished, while clients still
 * wait for it. */
static void stop(void *app)
{
    struct media *media = app;
    service_stop(media->service);
    speech_stop(media->speech);
    if (media->pending)
        pending_stop(media->pending);
    file_server_stop(media->files);
    pending_free(media->pending);
    voice_pool_free(media->voices);
    if (media->root >= 0)
        close(media->root);
    free(media);
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

static void start_speech(struct daemon *daemon, struct media *media)
{
    const struct media_config *config = daemon->config;
    const struct voice_pool_options voices = {
        .workers = config->voice_workers,
        .time_limit_ms = config->voice_timeout_ms,
        .start_limit_ms = WORKER_START_MS,
        .metrics = daemon->metrics,
    };
    media->voices = voice_pool_new(&voices);
    const struct pending_options pending = {
        .speeches_max = config->voice_queue + config->voice_workers,
        .waiters_max = WAITERS_MAX,
        .wait_ms = WAIT_MS,
        .grace_ms = GRACE_MS,
        .metrics = daemon->metrics,
    };
    media->pending = pending_new(&pending);
    const struct speech_options speech = {
        .root = media->root,
        .voices = media->voices,
        .pending = media->pending,
        .threads = config->voice_workers,
        .queue_max = config->voice_queue,
        .patience_ms = WAIT_MS,
        .retention_seconds = config->tts_retention_seconds,
        .metrics = daemon->metrics,
    };
    media->speech = speech_new(&speech);
}

static enum status start_files(struct daemon *daemon, struct media *media)
{
    const struct media_config *config = daemon->config;
    const struct file_server_options options = {
        .host = config->media_host,
        .port = config->media_port,
        .root = media->root,
        .pending = media->pending,
        .connections_max = CONNECTIONS_MAX,
        .metrics = daemon->metrics,
    };
    enum status status = file_server_start(&options, &media->files);
    if (status != STATUS_OK)
        log_error(NULL, "the file port can't be opened", LOG_TEXT("host", config->media_host),
                  LOG_INT("port", config->media_port));
    return status;
}

static enum status start_calls(struct daemon *daemon, struct media *media)
{
    static const struct inbox_subscription subscriptions[] = {
        {EVT_AUTH_USER_DELETED, "media-user-deleted", &user_deleted_message, handle_user_deleted},
    };
    const struct media_config *config = daemon->config;
    const struct service_options options = {
        .api = &media_api,
        .config = &config->service,
        .app = &media->speech,
        .subscriptions = subscriptions,
        .subscription_count = ARRAY_LEN(subscriptions),
    };
    return service_start(daemon, &options, &media->service);
}

static enum status start_parts(struct daemon *daemon, struct media *media)
{
    enum status status = open_root(daemon->config, media);
    if (status != STATUS_OK)
        return status;
    start_speech(daemon, media);
    status = start_files(daemon, media);
    if (status != STATUS_OK)
        return status;
    return start_calls(daemon, media);
}

static enum status start(struct daemon *daemon, void **ret_app)
{
    struct media *media = calloc(1, sizeof(*media));
    if (!media)
        abort();
    enum status status = start_parts(daemon, media);
    if (status != STATUS_OK) {
        stop(media);
        return status;
    }
    *ret_app = media;
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
        .service_offset = offsetof(struct media_config, service),
        .migrations = &media_migrations,
        .start = start,
        .stop = stop,
    };
    return daemon_main(&program, argc, argv);
}
