/* SPDX-License-Identifier: MIT */
/* ttb-license: plans, licence keys and who owns them. */
#include "gen/license/api.h"
#include "services/license/config.h"

#include "lib/daemon/service.h"

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

static void check_config(const void *config, struct buffer *problems)
{
    const struct license_config *license = config;
    const char *prefix = license->key_prefix;
    if (strspn(prefix, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != strlen(prefix))
        buffer_printf(problems, "KEY_PREFIX: '%s' is not of upper-case letters and digits\n",
                      prefix);
}

static enum status start(struct daemon *daemon, void **ret_app)
{
    const struct license_config *config = daemon->config;
    const struct service_options options = {
        .api = &license_api,
        .config = &config->service,
        .app = daemon->config,
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
        .name = "license",
        .description = "plans, licence keys and who owns them",
        .settings = settings,
        .settings_count = ARRAY_LEN(settings),
        .config_size = sizeof(struct license_config),
        .service_offset = offsetof(struct license_config, service),
        .migrations = &license_migrations,
        .check_config = check_config,
        .start = start,
        .stop = stop,
    };
    return daemon_main(&program, argc, argv);
}
