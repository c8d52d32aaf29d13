/* SPDX-License-Identifier: MIT */
/* ttb-auth: accounts, passwords, tokens and settings. */
#include "gen/auth/api.h"
#include "lib/base/text.h"
#include "lib/daemon/service.h"
#include "services/auth/config.h"

#include <unistd.h>

#define PROD_SECRET_MIN_BYTES 32

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

static void check_config(const void *config, struct buffer *problems)
{
    const struct auth_config *auth = config;
    if (text_equal(auth->daemon.env, "prod") && strlen(auth->jwt_secret) < PROD_SECRET_MIN_BYTES)
        buffer_printf(problems, "JWT_SECRET: shorter than %d bytes, which ENV=prod refuses\n",
                      PROD_SECRET_MIN_BYTES);
}

static enum status start(struct daemon *daemon, void **ret_app)
{
    const struct auth_config *config = daemon->config;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    const struct service_options options = {
        .api = &auth_api,
        .config = &config->service,
        .app = daemon->config,
        .hash_workers = config->hash_workers ? config->hash_workers : 2 * (unsigned)cores,
        .hash_queue = config->hash_queue,
    };
    return service_start(daemon, &options, (struct service **)ret_app);
}

static void stop(void *app)
{
    service_stop(app);
}

int main(int argc, char **argv)
{
    const struct daemon_program program = {
        .name = "auth",
        .description = "accounts, passwords, tokens and settings",
        .settings = settings,
        .settings_count = ARRAY_LEN(settings),
        .config_size = sizeof(struct auth_config),
        .service_offset = offsetof(struct auth_config, service),
        .migrations = &auth_migrations,
        .check_config = check_config,
        .start = start,
        .stop = stop,
    };
    return daemon_main(&program, argc, argv);
}
