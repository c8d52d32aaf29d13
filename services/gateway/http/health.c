/* SPDX-License-Identifier: MIT */
#include "services/gateway/http/health.h"

#include "lib/base/clock.h"
#include "lib/base/json_writer.h"
#include "services/gateway/http/reply.h"

#define PING_TIMEOUT_MS 1000
#define BODY_MAX_BYTES 4096

static const struct {
    const char *name;
    const char *ping;
} services[] = {
    {"auth", "$SRV.PING.auth"},
    {"license", "$SRV.PING.license"},
    {"media", "$SRV.PING.media"},
    {"events", "$SRV.PING.events"},
};

struct checkup;

/* What one service said; written by whichever thread its answer came in. */
struct finding {
    struct checkup *checkup;
    bool ok;
    int64_t latency_ms;
};

struct checkup {
    struct exchange *exchange;
    int64_t started_ms;
    atomic_uint awaited;
    struct finding findings[ARRAY_LEN(services)];
};

static void on_pong(void *closure, int http_status, natsMsg *reply, struct body *joined)
{
    (void)joined;
    struct finding *finding = closure;
    struct checkup *checkup = finding->checkup;
    natsMsg_Destroy(reply);
    finding->ok = http_status == status_http(STATUS_OK);
    finding->latency_ms = clock_mono_ms() - checkup->started_ms;
    if (atomic_fetch_sub(&checkup->awaited, 1) == 1)
        exchange_resume(checkup->exchange);
}

static bool all_well(const struct checkup *checkup)
{
    for (size_t i = 0; i < ARRAY_LEN(services); i++) {
        if (!checkup->findings[i].ok)
            return false;
    }
    return true;
}

static void write_finding(struct json_writer *writer, const struct finding *finding)
{
    json_open(writer, '{');
    json_pair_bool(writer, "ok", finding->ok);
    json_key(writer, "latency_ms");
    if (finding->ok)
        json_put_int(writer, finding->latency_ms);
    else
        json_put_null(writer);
    json_close(writer, '}');
}

static void write_report(const struct checkup *checkup, struct gateway *gateway,
                         struct buffer *body)
{
    struct json_writer writer;
    json_init(&writer, body);
    json_open(&writer, '{');
    json_pair_text(&writer, "status", all_well(checkup) ? "ok" : "degraded");
    json_pair_text(&writer, "version", TTB_VERSION);
    json_pair_text(&writer, "env", gateway->config->daemon.env);
    json_pair_int(&writer, "uptime_sec", (clock_mono_ms() - gateway->started_ms) / 1000);
    json_key(&writer, "services");
    json_open(&writer, '{');
    for (size_t i = 0; i < ARRAY_LEN(services); i++) {
        json_key(&writer, services[i].name);
        write_finding(&writer, &checkup->findings[i]);
    }
    json_close(&writer, '}');
    json_pair_int(&writer, "tiktok_clients", atomic_load(&gateway->watched_lives));
    json_close(&writer, '}');
}

static enum MHD_Result answer(struct exchange *exchange)
{
    AUTO(free) void *owned = exchange->answer_data;
    const struct checkup *checkup = owned;
    AUTO_BUFFER(body, BODY_MAX_BYTES);
    write_report(checkup, exchange->context->gateway, &body);
    exchange->answer_data = NULL;
    enum status status = all_well(checkup) ? STATUS_OK : STATUS_UNAVAILABLE;
    return reply_json(exchange, status_http(status), buffer_slice(&body));
}

enum MHD_Result health_answer(struct exchange *exchange)
{
    struct checkup *checkup = calloc(1, sizeof(*checkup));
    if (!checkup)
        abort();
    checkup->exchange = exchange;
    checkup->started_ms = clock_mono_ms();
    atomic_init(&checkup->awaited, ARRAY_LEN(services));
    exchange->answer_data = checkup;
    exchange_suspend(exchange, answer);
    /* The last answer may end all this before the loop does: the upstream is kept apart. */
    struct upstream *upstream = exchange->context->gateway->upstream;
    for (size_t i = 0; i < ARRAY_LEN(services); i++) {
        const struct upstream_request request = {.subject = services[i].ping,
                                                 .timeout_ms = PING_TIMEOUT_MS};
        checkup->findings[i].checkup = checkup;
        upstream_send(upstream, &request, on_pong, &checkup->findings[i]);
    }
    return MHD_YES;
}
