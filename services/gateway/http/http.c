/* SPDX-License-Identifier: MIT */
#include "services/gateway/http/http.h"

#include "lib/base/clock.h"
#include "services/gateway/http/authorize.h"
#include "services/gateway/http/exchange.h"
#include "services/gateway/http/forward.h"
#include "services/gateway/http/intake.h"
#include "services/gateway/http/limit.h"
#include "services/gateway/http/local.h"
#include "services/gateway/http/reply.h"
#include "services/gateway/http/route_counts.h"
#include "services/gateway/http/router.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#define POOL_BYTES 16384 /* a connection's memory: request line, headers, reply head */
#define DRAIN_POLL_MS 5
#define LAST_REPLIES_MS 500 /* for the refusal of what a service never answered to be sent */

struct http {
    struct exchange_context context;
    struct router *router;
    struct MHD_Daemon *daemon;
    int quiesced_fd; /* the port, after http_drain; else -1 */
};

/* ---- a request, step by step ---- */

static void refuse(struct exchange *exchange, enum status status)
{
    exchange->refusal_status = status_http(status);
    exchange->refusal_detail = status_text(status);
}

static enum MHD_Result reply_refusal(struct exchange *exchange)
{
    return reply_error(exchange, exchange->refusal_status, exchange->refusal_detail);
}

/* Whether the request may go on: by its route, by who asks, by how often. */
static void decide(struct exchange *exchange)
{
    exchange_find_address(exchange);
    enum status status = router_find(exchange->context->router, exchange->method, exchange->target,
                                     &exchange->route);
    if (status == STATUS_OK)
        authorize(exchange);
    else
        refuse(exchange, status);
    limit(exchange);
}

/* Decides on the headers alone. A reply here closes the connection when there is a body. */
static enum MHD_Result take_headers(struct exchange *exchange)
{
    exchange->stage = EXCHANGE_BODY;
    trace_begin(&exchange->trace, exchange_header(exchange, "X-Request-Id"),
                exchange_header(exchange, "traceparent"));
    if (!reply_is_preflight(exchange))
        decide(exchange);
    return intake_begin(exchange) ? MHD_YES : reply_refusal(exchange);
}

static enum MHD_Result take_end(struct exchange *exchange)
{
    intake_end(exchange);
    if (exchange->refusal_status)
        return reply_refusal(exchange);
    if (!exchange->route)
        return reply_preflight(exchange);
    if (!exchange->route->subject)
        return local_answer(exchange);
    return forward(exchange);
}

/* libmicrohttpd calls for the headers, for each piece of body, and at the end; then again when a
 * suspended connection was resumed. */
static enum MHD_Result on_request(void *closure, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *size, void **state)
{
    (void)closure;
    (void)connection;
    (void)url;
    (void)version;
    struct exchange *exchange = *state;
    if (exchange->stage == EXCHANGE_ANSWERED)
        return exchange->answer(exchange);
    if (exchange->stage == EXCHANGE_HEADERS) {
        exchange->method = method;
        return take_headers(exchange);
    }
    if (*size == 0)
        return take_end(exchange);
    enum MHD_Result result = intake_take(exchange, data, *size);
    *size = 0;
    return result;
}

/* Before the headers are read; the one place to see the target as it came. */
static void *on_target(void *closure, const char *target, struct MHD_Connection *connection)
{
    struct http *http = closure;
    return exchange_new(&http->context, connection, target);
}

static void on_completed(void *closure, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode code)
{
    (void)closure;
    (void)connection;
    (void)code;
    exchange_free(*state);
    *state = NULL;
}

/* ---- the server ---- */

static void add_metrics(struct http *http, struct metrics *metrics)
{
    static const char *const labels[] = {"class=\"1xx\"", "class=\"2xx\"", "class=\"3xx\"",
                                         "class=\"4xx\"", "class=\"5xx\""};
    for (size_t i = 0; i < ARRAY_LEN(labels); i++)
        http->context.requests[i] =
            metrics_counter(metrics, "ttb_http_requests_total",
                            "HTTP requests answered, by status class.", labels[i]);
    http->context.latency =
        metrics_histogram(metrics, "ttb_http_request_seconds",
                          "Time from request line to the reply's last byte.", "");
    http->context.in_flight =
        metrics_gauge(metrics, "ttb_http_requests_in_flight", "HTTP requests being served.", "");
    http->context.route_counts = route_counts_new(metrics);
}

static void add_routes(struct http *http)
{
    http->router = router_new();
    local_add_routes(http->router);
    for (size_t i = 0; i < routes_count; i++)
        router_add(http->router, &routes[i]);
    http->context.router = http->router;
}

static struct MHD_Daemon *listen_on(struct http *http, const struct gateway_config *config,
                                    const struct addrinfo *address)
{
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC;
    if (address->ai_family == AF_INET6)
        flags |= MHD_USE_IPv6;
    return MHD_start_daemon(flags, (uint16_t)config->http_port, NULL, NULL, on_request, http,
                            MHD_OPTION_SOCK_ADDR, address->ai_addr, MHD_OPTION_THREAD_POOL_SIZE,
                            config->http_threads, MHD_OPTION_CONNECTION_LIMIT,
                            config->http_connections, MHD_OPTION_CONNECTION_TIMEOUT,
                            config->http_idle_timeout_s, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                            (size_t)POOL_BYTES, MHD_OPTION_URI_LOG_CALLBACK, on_target, http,
                            MHD_OPTION_NOTIFY_COMPLETED, on_completed, http, MHD_OPTION_END);
}

enum status http_start(struct gateway *gateway, struct http **ret_http)
{
    const struct gateway_config *config = gateway->config;
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
                                   .ai_socktype = SOCK_STREAM};
    char port[8];
    struct addrinfo *address;
    snprintf(port, sizeof(port), "%u", config->http_port);
    if (getaddrinfo(config->http_host, port, &hints, &address) != 0)
        return STATUS_BAD_REQUEST;

    struct http *http = calloc(1, sizeof(*http));
    if (!http)
        abort();
    http->quiesced_fd = -1;
    http->context.gateway = gateway;
    add_metrics(http, gateway->metrics);
    add_routes(http);
    http->daemon = listen_on(http, config, address);
    freeaddrinfo(address);
    if (!http->daemon) {
        http_stop(http);
        return STATUS_CONFLICT;
    }
    log_info(NULL, "HTTP is up", LOG_TEXT("host", config->http_host),
             LOG_INT("port", MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_BIND_PORT)->port));
    *ret_http = http;
    return STATUS_OK;
}

static void wait_until_idle(const struct http *http, int64_t until_ms)
{
    while (metric_value(http->context.in_flight) > 0 && clock_mono_ms() < until_ms)
        clock_sleep_ms(DRAIN_POLL_MS);
}

void http_drain(struct http *http, int64_t until_ms)
{
    atomic_store(&http->context.draining, true);
    clock_sleep_ms(http->context.gateway->config->drain_ms);
    http->quiesced_fd = MHD_quiesce_daemon(http->daemon);
    /* Clients in the kernel's queue learn at once that nobody will serve them here. */
    shutdown(http->quiesced_fd, SHUT_RD);
    wait_until_idle(http, until_ms);
}

void http_stop(struct http *http)
{
    if (!http)
        return;
    if (http->daemon) {
        wait_until_idle(http, clock_mono_ms() + LAST_REPLIES_MS);
        MHD_stop_daemon(http->daemon);
    }
    if (http->quiesced_fd >= 0)
        close(http->quiesced_fd);
    router_free(http->router);
    route_counts_free(http->context.route_counts);
    free(http);
}
