/* SPDX-License-Identifier: MIT */
#include "services/gateway/ws/handshake.h"

#include "lib/base/clock.h"
#include "lib/base/json_writer.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "services/gateway/access/admission.h"
#include "services/gateway/access/limits_client.h"
#include "services/gateway/access/origins.h"
#include "services/gateway/ws/door.h"

#define PATH_MAX_BYTES 512
#define HEADER_MAX_BYTES 512
#define REPLY_MAX_BYTES 1024
#define BODY_MAX_BYTES 128
#define HANG_UP (-1)

/* ---- refusals ---- */

/* Writes a whole reply and hangs up. By hand, since the library takes a handshake for HTTP/1.0
 * until it is accepted, and clients do not take that for an answer. */
static int refuse_for(struct lws *wsi, const struct trace *trace, enum status status,
                      const char *detail, unsigned retry_after_s)
{
    AUTO_BUFFER(body, BODY_MAX_BYTES);
    AUTO_BUFFER(reply, REPLY_MAX_BYTES);
    struct json_writer writer;
    json_init(&writer, &body);
    json_open(&writer, '{');
    json_pair_text(&writer, "detail", detail);
    json_close(&writer, '}');
    buffer_printf(&reply,
                  "HTTP/1.1 %d %s\r\n"
                  "Content-Type: application/json\r\n"
                  "Content-Length: %zu\r\n"
                  "Connection: close\r\n"
                  "X-Request-Id: %s\r\n"
                  "X-Content-Type-Options: nosniff\r\n"
                  "X-Frame-Options: DENY\r\n"
                  "Referrer-Policy: no-referrer\r\n"
                  "Cache-Control: no-store\r\n",
                  status_http(status), status_text(status), body.size, trace->request_id);
    if (retry_after_s > 0)
        buffer_printf(&reply, "Retry-After: %u\r\n", retry_after_s);
    buffer_printf(&reply, "\r\n%s", buffer_text(&body));
    struct log_scope scope = trace_scope(trace);
    log_info(&scope, "socket refused", LOG_INT("status", status_http(status)),
             LOG_TEXT("reason", detail));
    (void)lws_write(wsi, (unsigned char *)reply.data, reply.size, LWS_WRITE_HTTP_FINAL);
    return HANG_UP;
}

static int refuse(struct lws *wsi, const struct trace *trace, enum status status,
                  const char *detail)
{
    return refuse_for(wsi, trace, status, detail, status == STATUS_UNAVAILABLE ? 1 : 0);
}

/* ---- reading the request ---- */

/* "" for a header that is absent, or too long to be one that we use. */
static void copy_header(struct lws *wsi, enum lws_token_indexes header, char *out, size_t size)
{
    if (lws_hdr_copy(wsi, out, (int)size, header) < 0)
        out[0] = '\0';
}

static void copy_custom_header(struct lws *wsi, const char *name, char *out, size_t size)
{
    if (lws_hdr_custom_copy(wsi, out, (int)size, name, (int)strlen(name)) < 0)
        out[0] = '\0';
}

static void begin_trace(struct lws *wsi, struct trace *ret_trace)
{
    char request_id[HEADER_MAX_BYTES];
    char traceparent[HEADER_MAX_BYTES];
    copy_custom_header(wsi, "x-request-id:", request_id, sizeof(request_id));
    copy_custom_header(wsi, "traceparent:", traceparent, sizeof(traceparent));
    trace_begin(ret_trace, request_id, traceparent);
}

static void find_address(struct ws *ws, struct lws *wsi, char ret_address[CLIENT_ADDRESS_SIZE])
{
    char peer[CLIENT_ADDRESS_SIZE];
    char forwarded[HEADER_MAX_BYTES * 2];
    lws_get_peer_simple(wsi, peer, sizeof(peer));
    copy_header(wsi, WSI_TOKEN_X_FORWARDED_FOR, forwarded, sizeof(forwarded));
    client_address(&ws->gateway->proxies, peer, forwarded, ret_address);
}

static const char *find_platform(struct lws *wsi)
{
    char query[TOKEN_MAX_BYTES]; /* the library gives up at an argument that does not fit */
    char header[32];
    const char *word = lws_get_urlarg_by_name(wsi, "platform=", query, sizeof(query));
    copy_custom_header(wsi, "x-client-platform:", header, sizeof(header));
    return client_platform(word, header);
}

/* -1 when it is not asked for, or is no number. */
static int64_t find_since(struct lws *wsi)
{
    char text[TOKEN_MAX_BYTES];
    int64_t since = -1;
    const char *value = lws_get_urlarg_by_name(wsi, "since=", text, sizeof(text));
    if (!value || !text_parse_int(value, 0, INT64_MAX - 1, &since))
        return -1;
    return since;
}

/* The header's token over the query's, which browsers use. NULL for none. */
static const char *find_token(struct lws *wsi, char *text, size_t size)
{
    copy_header(wsi, WSI_TOKEN_HTTP_AUTHORIZATION, text, size);
    const char *token = tokens_from_header(text);
    if (token)
        return token;
    token = lws_get_urlarg_by_name(wsi, "token=", text, (int)size);
    return token && *token ? token : NULL;
}

/* ---- deciding ---- */

static bool allows_origin(struct ws *ws, struct lws *wsi)
{
    char origin[HEADER_MAX_BYTES];
    int length = lws_hdr_total_length(wsi, WSI_TOKEN_ORIGIN);
    if (length == 0)
        return true;
    copy_header(wsi, WSI_TOKEN_ORIGIN, origin, sizeof(origin));
    return origins_allow(ws->gateway->config->allowed_origins, origin);
}

/* Counted like a request of the class "other". */
static struct limits_verdict count(const struct ws *ws, const struct socket_origin *origin)
{
    struct limits_key key = limits_client_key(&origin->claims, origin->address);
    return limits_take(ws->gateway->limits, ROUTE_RATE_OTHER, &key, clock_mono_ns());
}

static int check_token(struct socket *socket)
{
    struct ws *ws = socket->ws;
    struct lws *wsi = socket->wsi;
    struct socket_origin *origin = &socket->origin;
    char text[TOKEN_MAX_BYTES + sizeof("Bearer ")];
    const char *detail = NULL;
    const char *token = find_token(wsi, text, sizeof(text));
    enum status status = admission_check(ws->gateway, token, &origin->claims, &detail);
    find_address(ws, wsi, origin->address);
    struct limits_verdict verdict = count(ws, origin);
    if (verdict.is_refused)
        return refuse_for(wsi, &origin->trace, STATUS_TOO_MANY, status_text(STATUS_TOO_MANY),
                          verdict.reset_s);
    if (status != STATUS_OK)
        return refuse(wsi, &origin->trace, status, detail);
    origin->since = find_since(wsi);
    return 0;
}

/* The door has asked auth. A path that it took for another than the library does has no token. */
static int check_v1_token(struct socket *socket)
{
    const struct socket_entry *entry = &socket->entry;
    const struct trace *trace = &socket->origin.trace;
    enum status status = entry->is_known ? entry->status : STATUS_UNAUTHENTICATED;
    if (status == STATUS_OK)
        return 0;
    const char *detail = status == STATUS_UNAUTHENTICATED ? "Invalid token" : status_text(status);
    return refuse_for(socket->wsi, trace, status, detail, entry->retry_after_s);
}

static bool is_v2_path(const char *path)
{
    return text_equal(path, "/v2/ws") || text_equal(path, "/v2/ws/");
}

int handshake_check(struct socket *socket)
{
    struct ws *ws = socket->ws;
    struct lws *wsi = socket->wsi;
    struct socket_origin *origin = &socket->origin;
    char path[PATH_MAX_BYTES];
    copy_header(wsi, WSI_TOKEN_GET_URI, path, sizeof(path));
    if (!*origin->trace.request_id)
        begin_trace(wsi, &origin->trace);
    bool is_v2 = is_v2_path(path);
    if (!is_v2 && !text_starts_with(path, DOOR_V1_PATH))
        return refuse(wsi, &origin->trace, STATUS_NOT_FOUND, status_text(STATUS_NOT_FOUND));
    bool is_full = ws->socket_count >= ws->gateway->config->ws_sockets;
    metric_add(ws->refused, is_full);
    if (ws->stopping || is_full)
        return refuse(wsi, &origin->trace, STATUS_UNAVAILABLE, status_text(STATUS_UNAVAILABLE));
    if (!allows_origin(ws, wsi))
        return refuse(wsi, &origin->trace, STATUS_FORBIDDEN, "origin not allowed");
    origin->platform = find_platform(wsi);
    origin->since = -1;
    return is_v2 ? check_token(socket) : check_v1_token(socket);
}

int handshake_refuse_http(struct lws *wsi)
{
    struct trace trace;
    begin_trace(wsi, &trace);
    return refuse(wsi, &trace, STATUS_NOT_FOUND, status_text(STATUS_NOT_FOUND));
}
