/* SPDX-License-Identifier: MIT */
/* ttb-auth: accounts, passwords, tokens and settings. */
#include "gen/auth/api.h"
#include "lib/base/text.h"
#include "lib/daemon/service.h"
#include "services/auth/auth.h"
#include "services/auth/commands.h"
#include "services/auth/handlers/inbox.h"
#include "services/auth/handlers/together.h"
#include "services/auth/hashing/lane.h"
#include "services/auth/import.h"
#include "services/auth/store/tidy.h"

#include <unistd.h>

#define PROD_SECRET_MIN_BYTES 32
/* Calls in hand for each thread that hashes: those that wait for Postgres before or after must not
 * leave it idle. */
#define WAITING_PER_HASHER 2

extern const struct migrations auth_migrations;

static const struct config_setting settings[] = {
#define SETTING(...) DAEMON_ROW(struct auth_config, __VA_ARGS__)
#include "lib/daemon/config.def"
#undef SETTING
#define SETTING(...) SERVICE_ROW(struct auth_config, __VA_ARGS__)
#include "lib/daemon/service.def"
#undef SETTING
#define SETTING(...) CONFIG_ROW(struct auth_config, __VA_ARGS__)
#include "services/auth/config.def"
#undef SETTING
};

static const struct daemon_command commands[] = {
    {"grant", "NAME ROLE", "gives a user the role user, support or admin", command_grant},
    {"ban", "NAME", "refuses a user and ends the sessions", command_ban},
    {"unban", "NAME", "takes a ban back", command_unban},
    {"import", "", "takes over the users of the old backend", import_run},
    {"import-look", "", "says what import would do, and takes nothing over", import_run_look},
};

static void check_config(const void *config, struct buffer *problems)
{
    const struct auth_config *auth = config;
    if (text_equal(auth->daemon.env, "prod") && strlen(auth->jwt_secret) < PROD_SECRET_MIN_BYTES)
        buffer_printf(problems, "JWT_SECRET: shorter than %d bytes, which ENV=prod refuses\n",
                      PROD_SECRET_MIN_BYTES);
}

struct app {
    struct auth auth;
    struct service *service;
};

static void stop(void *closure)
{
    struct app *app = closure;
    service_stop(app->service);
    gather_free(app->auth.lookups);
    gather_free(app->auth.openings);
    hash_lane_free(app->auth.hashing);
    free(app);
}

static enum status start(struct daemon *daemon, void **ret_app)
{
    const struct auth_config *config = daemon->config;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned hashers = config->hash_workers ? config->hash_workers : (unsigned)cores;
    struct app *app = calloc(1, sizeof(*app));
    if (!app)
        abort();
    app->auth = (struct auth){
        .config = config,
        .hashing = hash_lane_new(hashers),
        .lookups = gather_new(together_find_all, TOGETHER_MAX),
        .openings = gather_new(together_open_all, TOGETHER_MAX),
    };
    const struct service_options options = {
        .api = &auth_api,
        .config = &config->service,
        .app = &app->auth,
        .hash_workers = WAITING_PER_HASHER * hashers + 2 * TOGETHER_MAX,
        .hash_queue = config->hash_queue,
        .has_outbox = true,
        .subscriptions = auth_subscriptions,
        .subscription_count = auth_subscriptions_count,
        .tidy = tidy_tables,
    };
    enum status status = service_start(daemon, &options, &app->service);
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
        .name = "auth",
        .description = "accounts, passwords, tokens and settings",
        .settings = settings,
        .settings_count = ARRAY_LEN(settings),
        .config_size = sizeof(struct auth_config),
        .database = &daemon_database,
        .service_offset = offsetof(struct auth_config, service),
        .migrations = &auth_migrations,
        .commands = commands,
        .command_count = ARRAY_LEN(commands),
        .check_config = check_config,
        .start = start,
        .stop = stop,
    };
    return daemon_main(&program, argc, argv);
}
