/* SPDX-License-Identifier: MIT */
#include "services/gateway/http/reply.h"

#include "lib/base/json_writer.h"
#include "lib/base/text.h"
#include "services/gateway/access/origins.h"
#include "services/gateway/http/router.h"

#define DETAIL_MAX_BYTES 1024
#define METHODS_MAX_BYTES 256
#define PREFLIGHT_AGE_S "600"
#define REQUEST_HEADERS                                                                            \
    "Authorization, Content-Type, X-Client-Platform, X-Request-Id, traceparent, Admin-Api-Key, "   \
    "Web-Api-Key"

#define EXPOSED_HEADERS                                                                            \
    "X-Request-Id, Retry-After, Idempotency-Replayed, RateLimit-Limit, RateLimit-Remaining, "      \
    "RateLimit-Reset, RateLimit-Policy"

static void add_headers(struct MHD_Response *response, const struct reply_header *headers,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (headers[i].value)
            MHD_add_response_header(response, headers[i].name, headers[i].value);
    }
}

/* As draft-ietf-httpapi-ratelimit-headers-06 says: the last one with a field for each number. */
static void add_limits(const struct exchange *exchange, struct MHD_Response *response)
{
    const struct limits_verdict *limits = &exchange->limits;
    char limit[16];
    char remaining[16];
    char reset[16];
    char policy[32];
    if (limits->limit == 0)
        return;
    snprintf(limit, sizeof(limit), "%u", limits->limit);
    snprintf(remaining, sizeof(remaining), "%u", limits->remaining);
    snprintf(reset, sizeof(reset), "%u", limits->reset_s);
    snprintf(policy, sizeof(policy), "%u;w=%d", limits->limit, LIMITS_WINDOW_S);
    const struct reply_header headers[] = {
        {"RateLimit-Limit", limit},
        {"RateLimit-Remaining", remaining},
        {"RateLimit-Reset", reset},
        {"RateLimit-Policy", policy},
        {"Retry-After", limits->is_refused ? reset : NULL},
    };
    add_headers(response, headers, ARRAY_LEN(headers));
}

/* A cache must not hand one origin's permission to another. */
static void add_cors(const struct exchange *exchange, struct MHD_Response *response)
{
    const char *list = exchange->context->gateway->config->allowed_origins;
    const char *origin = exchange_header(exchange, "Origin");
    if (!*list)
        return;
    MHD_add_response_header(response, "Vary", "Origin");
    if (!origin || !origins_allow(list, origin))
        return;
    const struct reply_header headers[] = {
        {"Access-Control-Allow-Origin", origin},
        {"Access-Control-Allow-Credentials", "true"},
        {"Access-Control-Expose-Headers", EXPOSED_HEADERS},
    };
    add_headers(response, headers, ARRAY_LEN(headers));
}

enum MHD_Result reply_send(struct exchange *exchange, int status, struct MHD_Response *response,
                           const struct reply_header *headers, size_t count)
{
    if (!response)
        return MHD_NO;
    const struct reply_header common[] = {
        {"X-Request-Id", exchange->trace.request_id},
        {"X-Content-Type-Options", "nosniff"},
        {"X-Frame-Options", "DENY"},
        {"Referrer-Policy", "no-referrer"},
        {"Cache-Control", "no-store"},
        {"Connection", atomic_load(&exchange->context->draining) ? "close" : NULL},
    };
    add_headers(response, headers, count);
    add_headers(response, common, ARRAY_LEN(common));
    add_limits(exchange, response);
    add_cors(exchange, response);
    exchange->reply_status = status;
    enum MHD_Result result = MHD_queue_response(exchange->connection, (unsigned)status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result send_copy(struct exchange *exchange, int status, struct slice body,
                                 const struct reply_header *headers, size_t count)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(
        body.size, (void *)(uintptr_t)body.data, MHD_RESPMEM_MUST_COPY);
    if (response)
        MHD_add_response_header(response, "Content-Type", "application/json");
    return reply_send(exchange, status, response, headers, count);
}

static const char *retry_after(int status)
{
    return status == MHD_HTTP_SERVICE_UNAVAILABLE ? "1" : NULL;
}

enum MHD_Result reply_json(struct exchange *exchange, int status, struct slice body)
{
    const struct reply_header headers[] = {{"Retry-After", retry_after(status)}};
    return send_copy(exchange, status, body, headers, ARRAY_LEN(headers));
}

static bool wants_token(const struct exchange *exchange)
{
    return exchange->route && (exchange->route->auth == ROUTE_AUTH_USER ||
                               exchange->route->auth == ROUTE_AUTH_OPTIONAL_USER ||
                               exchange->route->auth == ROUTE_AUTH_STAFF);
}

enum MHD_Result reply_error(struct exchange *exchange, int status, const char *detail)
{
    AUTO_BUFFER(body, DETAIL_MAX_BYTES);
    AUTO_BUFFER(methods, METHODS_MAX_BYTES);
    struct json_writer writer;
    json_init(&writer, &body);
    json_open(&writer, '{');
    json_pair_text(&writer, "detail", detail);
    json_close(&writer, '}');
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        router_methods(exchange->context->router, exchange->target, &methods);
    const struct reply_header headers[] = {
        {"Retry-After", retry_after(status)},
        {"WWW-Authenticate",
         status == MHD_HTTP_UNAUTHORIZED && wants_token(exchange) ? "Bearer" : NULL},
        {"Allow", status == MHD_HTTP_METHOD_NOT_ALLOWED ? buffer_text(&methods) : NULL},
    };
    return send_copy(exchange, status, buffer_slice(&body), headers, ARRAY_LEN(headers));
}

bool reply_is_preflight(const struct exchange *exchange)
{
    return text_equal(exchange->method, "OPTIONS") && exchange_header(exchange, "Origin") &&
           exchange_header(exchange, "Access-Control-Request-Method");
}

enum MHD_Result reply_preflight(struct exchange *exchange)
{
    const char *list = exchange->context->gateway->config->allowed_origins;
    if (!origins_allow(list, exchange_header(exchange, "Origin")))
        return reply_error(exchange, MHD_HTTP_BAD_REQUEST, "Disallowed CORS origin");
    AUTO_BUFFER(methods, METHODS_MAX_BYTES);
    router_methods(exchange->context->router, exchange->target, &methods);
    const struct reply_header headers[] = {
        {"Access-Control-Allow-Methods", buffer_text(&methods)},
        {"Access-Control-Allow-Headers", REQUEST_HEADERS},
        {"Access-Control-Max-Age", PREFLIGHT_AGE_S},
    };
    static const char body[] = "{\"status\":\"ok\"}";
    return send_copy(exchange, MHD_HTTP_OK, (struct slice){body, sizeof(body) - 1}, headers,
                     ARRAY_LEN(headers));
}
