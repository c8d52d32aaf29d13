/* SPDX-License-Identifier: MIT */
#include "services/gateway/http/local.h"

#include "lib/base/json_writer.h"
#include "services/gateway/http/assets.h"
#include "services/gateway/http/health.h"
#include "services/gateway/http/reply.h"

#define BODY_MAX_BYTES 8192

/* The page's script and style stand in the page, and it fetches from its own origin only. */
#define DOCS_POLICY                                                                                \
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "                  \
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

struct local_endpoint {
    struct route route; /* the first member: a route of ours leads to its endpoint */
    enum MHD_Result (*answer)(struct exchange *exchange);
};

static enum MHD_Result answer_root(struct exchange *exchange)
{
    const struct gateway_config *config = exchange->context->gateway->config;
    AUTO_BUFFER(body, BODY_MAX_BYTES);
    struct json_writer writer;
    json_init(&writer, &body);
    json_open(&writer, '{');
    json_pair_text(&writer, "status", "ok");
    json_pair_text(&writer, "service", "ttboost-backend");
    json_pair_text(&writer, "env", config->daemon.env);
    json_pair_text(&writer, "server_host", config->server_host);
    json_pair_text(&writer, "tts_base_url", config->tts_base_url);
    json_pair_text(&writer, "version", TTB_VERSION);
    json_close(&writer, '}');
    return reply_json(exchange, MHD_HTTP_OK, buffer_slice(&body));
}

static enum MHD_Result send_asset(struct exchange *exchange, const char *data, size_t size,
                                  const struct reply_header *headers, size_t count)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(size, (void *)(uintptr_t)data, MHD_RESPMEM_PERSISTENT);
    return reply_send(exchange, MHD_HTTP_OK, response, headers, count);
}

static enum MHD_Result answer_openapi(struct exchange *exchange)
{
    const struct reply_header headers[] = {{"Content-Type", "application/json"}};
    return send_asset(exchange, openapi_json, openapi_json_size, headers, ARRAY_LEN(headers));
}

static enum MHD_Result answer_docs(struct exchange *exchange)
{
    const struct reply_header headers[] = {{"Content-Type", "text/html; charset=utf-8"},
                                           {"Content-Security-Policy", DOCS_POLICY}};
    return send_asset(exchange, docs_html, docs_html_size, headers, ARRAY_LEN(headers));
}

static const struct local_endpoint endpoints[] = {
    {{.method = "GET", .path = "/", .rate = ROUTE_RATE_OTHER}, answer_root},
    {{.method = "GET", .path = "/health", .rate = ROUTE_RATE_OTHER}, health_answer},
    {{.method = "GET", .path = "/status", .rate = ROUTE_RATE_OTHER}, health_answer},
    {{.method = "GET", .path = "/docs", .rate = ROUTE_RATE_OTHER}, answer_docs},
    {{.method = "GET", .path = "/openapi.json", .rate = ROUTE_RATE_OTHER}, answer_openapi},
};

void local_add_routes(struct router *router)
{
    for (size_t i = 0; i < ARRAY_LEN(endpoints); i++)
        router_add(router, &endpoints[i].route);
}

enum MHD_Result local_answer(struct exchange *exchange)
{
    return ((const struct local_endpoint *)(const void *)exchange->route)->answer(exchange);
}
