/* SPDX-License-Identifier: MIT */
/* ttb-events: live streams, and what they trigger. */
#include "gen/auth/messages.h"
#include "gen/events/api.h"
#include "lib/base/text.h"
#include "lib/daemon/service.h"
#include "services/events/config.h"
#include "services/events/handlers/trigger_sounds.h"
#include "services/events/handlers/user_deleted.h"
#include "services/events/live/follower.h"
#include "services/events/store/memories.h"
#include "services/events/store/streams.h"

extern const struct migrations events_migrations;

static const struct config_setting settings[] = {
#define SETTING(...) DAEMON_ROW(struct events_config, __VA_ARGS__)
#include "lib/daemon/config.def"
#undef SETTING
#define SETTING(...) SERVICE_ROW(struct events_config, __VA_ARGS__)
#include "lib/daemon/service.def"
#undef SETTING
#define SETTING(...) CONFIG_ROW(struct events_config, __VA_ARGS__)
#include "services/events/config.def"
#undef SETTING
};

struct events {
    struct pg_options database;
    struct follower *follower;
    struct service *service;
};

static void check_config(const void *config, struct buffer *problems)
{
    const struct events_config *events = config;
    if (!text_equal(events->sign_variant, "fetch") && !text_equal(events->sign_variant, "connect"))
        buffer_printf(problems, "SIGN_VARIANT: '%s' is neither fetch nor connect\n",
                      events->sign_variant);
}

static void stop(void *app)
{
    struct events *events = app;
    service_stop(events->service);
    follower_stop(events->follower);
    free(events);
}

static enum status tidy(struct call *call)
{
    enum status status = streams_forget_old(call->db);
    if (status == STATUS_OK)
        status = memories_forget_old(call->db);
    return status == STATUS_OK ? trigger_sounds_tidy(call) : status;
}

/* The follower comes first: calls need it. */
static enum status start_parts(struct daemon *daemon, struct events *events)
{
    static const struct inbox_subscription subscriptions[] = {
        {EVT_AUTH_USER_DELETED, "events-user-deleted", &user_deleted_message, handle_user_deleted},
    };
    const struct events_config *config = daemon->config;
    events->database = database_options(&config->service, daemon->name, daemon->metrics);
    const struct follower_options follower = {daemon->bus, &events->database, config,
                                              daemon->metrics};
    enum status status = follower_start(&follower, &events->follower);
    if (status != STATUS_OK)
        return status;
    const struct service_options service = {
        .api = &events_api,
        .config = &config->service,
        .app = &events->follower,
        .subscriptions = subscriptions,
        .subscription_count = ARRAY_LEN(subscriptions),
        .tidy = tidy,
    };
    return service_start(daemon, &service, &events->service);
}

static enum status start(struct daemon *daemon, void **ret_app)
{
    struct events *events = calloc(1, sizeof(*events));
    if (!events)
        abort();
    enum status status = start_parts(daemon, events);
    if (status != STATUS_OK) {
        stop(events);
        return status;
    }
    *ret_app = events;
    return STATUS_OK;
}

int main(int argc, char **argv)
{
    const struct daemon_program program = {
        .name = "events",
        .description = "live streams, and what they trigger",
        .settings = settings,
        .settings_count = ARRAY_LEN(settings),
        .config_size = sizeof(struct events_config),
        .database = &daemon_database,
        .service_offset = offsetof(struct events_config, service),
        .migrations = &events_migrations,
        .check_config = check_config,
        .start = start,
        .stop = stop,
    };
    return daemon_main(&program, argc, argv);
}
