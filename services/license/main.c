/* SPDX-License-Identifier: MIT */
/* ttb-license: plans, licence keys and who owns them. */
#include "gen/auth/messages.h"
#include "gen/license/api.h"
#include "lib/daemon/service.h"
#include "services/license/handlers/user_deleted.h"
#include "services/license/import.h"
#include "services/license/web_plans.h"

#define APP_ARENA_MAX_BYTES (64 * 1024)

extern const struct migrations license_migrations;

static const struct config_setting settings[] = {
#define SETTING(...) DAEMON_ROW(struct license_config, __VA_ARGS__)
#include "lib/daemon/config.def"
#undef SETTING
#define SETTING(...) SERVICE_ROW(struct license_config, __VA_ARGS__)
#include "lib/daemon/service.def"
#undef SETTING
#define SETTING(...) CONFIG_ROW(struct license_config, __VA_ARGS__)
#include "services/license/config.def"
#undef SETTING
};

static const struct daemon_command commands[] = {
    {"import", "", "takes over the keys and orders of the old backend", import_run},
    {"import-look", "", "says what import would do, and takes nothing over", import_run_look},
};

static void check_config(const void *config, struct buffer *problems)
{
    const struct license_config *license = config;
    const char *prefix = license->key_prefix;
    if (strspn(prefix, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != strlen(prefix))
        buffer_printf(problems, "KEY_PREFIX: '%s' is not of upper-case letters and digits\n",
                      prefix);
}

static const struct inbox_subscription subscriptions[] = {
    {
        .subject = EVT_AUTH_USER_DELETED,
        .durable = "license-user-deleted",
        .message = &user_deleted_message,
        .handle = handle_user_deleted,
    },
};

struct app {
    struct license license;
    struct arena *arena;
    struct service *service;
};

static void stop(void *closure)
{
    struct app *app = closure;
    service_stop(app->service);
    arena_free(app->arena);
    free(app);
}

static enum status serve(struct daemon *daemon, struct app *app)
{
    const struct license_config *config = daemon->config;
    const struct pg_options database = database_options(&config->service, daemon->name, NULL);
    enum status status = web_plans_resolve(config->web_allowed_plans, &database, app->arena,
                                           &app->license.web_plans);
    if (status != STATUS_OK)
        return status;
    const struct service_options options = {
        .api = &license_api,
        .config = &config->service,
        .app = &app->license,
        .has_outbox = true,
        .subscriptions = subscriptions,
        .subscription_count = ARRAY_LEN(subscriptions),
    };
    return service_start(daemon, &options, &app->service);
}

static enum status start(struct daemon *daemon, void **ret_app)
{
    struct app *app = calloc(1, sizeof(*app));
    if (!app)
        abort();
    app->license.config = daemon->config;
    app->arena = arena_new(APP_ARENA_MAX_BYTES);
    enum status status = serve(daemon, app);
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
        .name = "license",
        .description = "plans, licence keys and who owns them",
        .settings = settings,
        .settings_count = ARRAY_LEN(settings),
        .config_size = sizeof(struct license_config),
        .database = &daemon_database,
        .service_offset = offsetof(struct license_config, service),
        .migrations = &license_migrations,
        .commands = commands,
        .command_count = ARRAY_LEN(commands),
        .check_config = check_config,
        .start = start,
        .stop = stop,
    };
    return daemon_main(&program, argc, argv);
}
