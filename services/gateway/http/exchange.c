/* SPDX-License-Identifier: MIT */
#include "services/gateway/http/exchange.h"

#include "lib/base/clock.h"
#include "services/gateway/http/route_counts.h"

#include <arpa/inet.h>

#define FORWARDED_MAX_BYTES 65536 /* more than a connection's memory pool can hold */
#define ABORTED 499               /* the client went away before its reply: as nginx counts it */

struct exchange *exchange_new(struct exchange_context *context, struct MHD_Connection *connection,
                              const char *target)
{
    struct exchange *exchange = calloc(1, sizeof(*exchange));
    if (!exchange)
        abort();
    exchange->context = context;
    exchange->connection = connection;
    exchange->target = strdup(target);
    if (!exchange->target)
        abort();
    body_init(&exchange->body, context->gateway->bodies, 0);
    exchange->started_ns = clock_mono_ns();
    metric_add(context->in_flight, 1);
    return exchange;
}

const char *exchange_header(const struct exchange *exchange, const char *name)
{
    return MHD_lookup_connection_value(exchange->connection, MHD_HEADER_KIND, name);
}

static enum MHD_Result collect_forwarded(void *closure, enum MHD_ValueKind kind, const char *name,
                                         const char *value)
{
    (void)kind;
    struct buffer *forwarded = closure;
    if (value && strcasecmp(name, "X-Forwarded-For") == 0)
        buffer_printf(forwarded, "%s%s", forwarded->size > 0 ? "," : "", value);
    return MHD_YES;
}

void exchange_find_address(struct exchange *exchange)
{
    char peer[CLIENT_ADDRESS_SIZE] = "";
    const struct sockaddr *from =
        MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS)
            ->client_addr;
    if (from->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)from)->sin_addr, peer,
                  sizeof(peer));
    else
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)from)->sin6_addr, peer,
                  sizeof(peer));
    AUTO_BUFFER(forwarded, FORWARDED_MAX_BYTES);
    MHD_get_connection_values(exchange->connection, MHD_HEADER_KIND, collect_forwarded, &forwarded);
    client_address(&exchange->context->gateway->proxies, peer, buffer_text(&forwarded),
                   exchange->address);
}

void exchange_suspend(struct exchange *exchange, enum MHD_Result (*answer)(struct exchange *))
{
    exchange->stage = EXCHANGE_SUSPENDED;
    exchange->answer = answer;
    MHD_suspend_connection(exchange->connection);
}

void exchange_resume(struct exchange *exchange)
{
    exchange->stage = EXCHANGE_ANSWERED;
    MHD_resume_connection(exchange->connection);
}

/* What the log may know of the path: paths of the old API hold tokens, so a route shows its
 * pattern, and an unknown path no more than its first segment. */
static void write_log(const struct exchange *exchange, int status, int64_t duration_ns)
{
    char path[64];
    const char *target = exchange->target;
    size_t first = target[0] == '/' ? 1 + strcspn(target + 1, "/?") : 0;
    snprintf(path, sizeof(path), "%.*s", (int)first, target);
    struct log_scope scope = trace_scope(&exchange->trace);
    const char *user_id = exchange->claims.user_id.text;
    log_info(&scope, "request", LOG_TEXT("method", exchange->method),
             LOG_TEXT("path", exchange->route ? exchange->route->path : path),
             LOG_INT("status", status), LOG_INT("duration_ms", duration_ns / 1000000),
             LOG_TEXT("user_id", *user_id ? user_id : NULL));
}

void exchange_drop_body(struct exchange *exchange)
{
    body_done(&exchange->body);
    form_free(TAKE(exchange->form));
}

void exchange_free(struct exchange *exchange)
{
    if (!exchange)
        return;
    struct exchange_context *context = exchange->context;
    int64_t duration_ns = clock_mono_ns() - exchange->started_ns;
    metric_add(context->in_flight, -1);
    /* A request that never got as far as its headers is no request. */
    if (exchange->stage != EXCHANGE_HEADERS) {
        int status = exchange->reply_status ? exchange->reply_status : ABORTED;
        metric_add(context->requests[status / 100 - 1], 1);
        route_counts_add(context->route_counts, exchange->route, status);
        metric_observe_ns(context->latency, duration_ns);
        write_log(exchange, status, duration_ns);
    }
    natsMsg_Destroy(exchange->upstream_reply);
    body_free(exchange->upstream_joined);
    exchange_drop_body(exchange);
    free(exchange->target);
    free(exchange);
}
