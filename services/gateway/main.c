/* SPDX-License-Identifier: MIT */
#include "services/gateway/access/ended_sync.h"
#include "services/gateway/access/origins.h"
#include "services/gateway/config.h"
#include "services/gateway/gateway.h"
#include "services/gateway/http/http.h"
#include "services/gateway/ws/ws.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/daemon/daemon.h"

#include <sys/resource.h>

#define OTHER_DESCRIPTORS 256
#define DRAIN_RESERVE_MS 4000 /* of the stop's time, for what follows the drain */

struct app {
    struct gateway gateway;
    struct http *http;
    struct ws *ws;
    struct ended_sync *ended_sync;
};

static const struct config_setting settings[] = {
#define SETTING(...) DAEMON_ROW(struct gateway_config, __VA_ARGS__)
#include "lib/daemon/config.def"
#undef SETTING
#define SETTING(...) CONFIG_ROW(struct gateway_config, __VA_ARGS__)
#include "services/gateway/config.def"
#undef SETTING
};

static struct token_keys token_keys(const struct gateway_config *config)
{
    return (struct token_keys){config->jwt_secret, config->jwt_secret_previous};
}

static void check_config(const void *closure, struct buffer *problems)
{
    const struct gateway_config *config = closure;
    const struct token_keys keys = token_keys(config);
    struct proxies proxies;
    tokens_validate_keys(&keys, text_equal(config->daemon.env, "prod"), problems);
    proxies_parse(config->trusted_proxies, &proxies, problems);
    origins_validate(config->allowed_origins, problems);
}

/* libwebsockets reserves memory for every descriptor that we may have: no more than we need. */
static void limit_descriptors(const struct gateway_config *config)
{
    struct rlimit limit;
    rlim_t wanted = config->http_connections + config->ws_sockets + OTHER_DESCRIPTORS;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    if (limit.rlim_max < wanted)
        log_warning(NULL, "the limit of open files is below what the settings allow for",
                    LOG_INT("limit", (int64_t)limit.rlim_max), LOG_INT("wanted", (int64_t)wanted));
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

static enum status report(enum status status, const char *what, unsigned port)
{
    if (status != STATUS_OK && status != STATUS_UNAVAILABLE)
        log_error(NULL, "cannot listen", LOG_TEXT("for", what), LOG_INT("port", port),
                  LOG_TEXT("status", status_name(status)));
    return status;
}

static void on_ended(void *closure)
{
    struct app *app = closure;
    ws_close_ended(app->ws);
}

static enum status start_ended_sync(struct app *app)
{
    const struct ended_sync_options options = {
        .bus = app->gateway.bus,
        .ended = app->gateway.ended,
        .on_news = on_ended,
        .closure = app,
    };
    return ended_sync_start(&options, &app->ended_sync);
}

/* The ports open although auth may be away: until the ended sessions are known, whatever needs a
 * token is answered 503, and the rest is served. */
static enum status start_parts(struct app *app)
{
    struct gateway *gateway = &app->gateway;
    const struct gateway_config *config = gateway->config;
    const struct upstream_options upstream = {
        .bus = gateway->bus,
        .max_pending = config->upstream_pending,
        .bodies = gateway->bodies,
        .metrics = gateway->metrics,
    };
    enum status status = upstream_start(&upstream, &gateway->upstream);
    if (status == STATUS_OK)
        status = report(ws_start(gateway, &app->ws), "WebSocket", config->ws_port);
    if (status == STATUS_OK)
        status = start_ended_sync(app);
    if (status == STATUS_OK)
        status = report(http_start(gateway, &app->http), "HTTP", config->http_port);
    return status;
}

/* Also half of an app, when a part did not start. What waits for pending requests is stopped before
 * these end, and freed after. */
static void stop(void *closure)
{
    struct app *app = closure;
    int64_t limit_ms = app->gateway.config->daemon.shutdown_timeout_ms;
    int64_t now_ms = clock_mono_ms();
    int64_t drain_ms = limit_ms > 2 * DRAIN_RESERVE_MS ? limit_ms - DRAIN_RESERVE_MS : limit_ms / 2;
    if (app->http)
        http_drain(app->http, now_ms + drain_ms);
    ended_sync_stop(app->ended_sync);
    if (app->ws)
        ws_stop(app->ws, now_ms + limit_ms - limit_ms / 10);
    if (app->gateway.upstream)
        upstream_stop(app->gateway.upstream);
    http_stop(app->http);
    ws_free(app->ws);
    upstream_free(app->gateway.upstream);
    bodies_free(app->gateway.bodies);
    ended_free(app->gateway.ended);
    limits_free(app->gateway.limits);
    free(app);
}

static enum status start(struct daemon *daemon, void **ret_app)
{
    const struct gateway_config *config = daemon->config;
    struct app *app = calloc(1, sizeof(*app));
    if (!app)
        abort();
    AUTO_BUFFER(problems, 1); /* check_config has shown them */
    app->gateway.config = config;
    app->gateway.bus = daemon->bus;
    app->gateway.metrics = daemon->metrics;
    app->gateway.started_ms = clock_mono_ms();
    app->gateway.ended = ended_new();
    app->gateway.bodies = bodies_new(config->http_body_memory_bytes, daemon->metrics);
    app->gateway.limits = limits_new(config->rate_limit_factor, daemon->metrics);
    app->gateway.token_keys = token_keys(config);
    key_init(&app->gateway.admin_key, config->admin_api_key);
    key_init(&app->gateway.web_key, config->web_issue_api_key);
    proxies_parse(config->trusted_proxies, &app->gateway.proxies, &problems);
    limit_descriptors(config);

    enum status status = start_parts(app);
    if (status == STATUS_OK)
        *ret_app = app;
    else
        stop(app);
    return status;
}

static bool is_ready(void *closure, const char **ret_reason)
{
    const struct app *app = closure;
    if (ended_is_known(app->gateway.ended))
        return true;
    *ret_reason = "ended sessions are not known yet";
    return false;
}

int main(int argc, char **argv)
{
    static const struct daemon_program program = {
        .name = "gateway",
        .description = "ends HTTP and WebSocket, decides who may ask, and routes",
        .settings = settings,
        .settings_count = ARRAY_LEN(settings),
        .config_size = sizeof(struct gateway_config),
        .check_config = check_config,
        .start = start,
        .ready = is_ready,
        .stop = stop,
    };
    return daemon_main(&program, argc, argv);
}
