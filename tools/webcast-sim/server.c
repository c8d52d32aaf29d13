/* SPDX-License-Identifier: MIT */
#include "tools/webcast-sim/server.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "tools/webcast-sim/routes.h"

#include <libwebsockets.h>
#include <signal.h>

#define TICK_US 10000
#define REQUEST_BODY_MAX_BYTES (4u << 20)
#define HEADERS_MAX_BYTES 8192

struct server {
    struct sim *sim;
    struct lws_context *context;
    lws_sorted_usec_list_t tick;
    int64_t ticked_ns;
    bool stopping;
};

/* What libwebsockets keeps for each connection, zeroed when it begins. */
struct connection {
    struct buffer body;    /* of the request that is arriving */
    struct buffer reply;   /* body yet to be written */
    struct client *client; /* once it is a WebSocket */
};

/* ---- reading a request ---- */

static const char *header_read(struct lws *wsi, struct arena *arena, enum lws_token_indexes token)
{
    int length = lws_hdr_total_length(wsi, token);
    char *text = arena_alloc(arena, (size_t)length + 1);
    if (length > 0 && lws_hdr_copy(wsi, text, length + 1, token) < 0)
        return "";
    return text;
}

static const char *custom_header_read(struct lws *wsi, struct arena *arena, const char *name)
{
    int name_length = (int)strlen(name);
    int length = lws_hdr_custom_length(wsi, name, name_length);
    if (length <= 0)
        return "";
    char *text = arena_alloc(arena, (size_t)length + 1);
    return lws_hdr_custom_copy(wsi, text, length + 1, name, name_length) < 0 ? "" : text;
}

static void args_read(struct lws *wsi, struct request *request)
{
    char text[HEADERS_MAX_BYTES];
    while (request->arg_count < REQUEST_ARGS_MAX) {
        int length = lws_hdr_copy_fragment(wsi, text, sizeof(text), WSI_TOKEN_HTTP_URI_ARGS,
                                           (int)request->arg_count);
        if (length < 0)
            return;
        request->args[request->arg_count++] = arena_text_n(request->arena, text, (size_t)length);
    }
}

static struct request *request_read(struct sim *sim, struct lws *wsi)
{
    struct arena *arena = sim->scratch;
    struct request *request = ARENA_NEW(arena, struct request);
    bool is_post = lws_hdr_total_length(wsi, WSI_TOKEN_POST_URI) > 0;
    request->arena = arena;
    request->method = is_post ? "POST" : "GET";
    request->path = header_read(wsi, arena, is_post ? WSI_TOKEN_POST_URI : WSI_TOKEN_GET_URI);
    request->user_agent = header_read(wsi, arena, WSI_TOKEN_HTTP_USER_AGENT);
    request->cookie = header_read(wsi, arena, WSI_TOKEN_HTTP_COOKIE);
    request->host = header_read(wsi, arena, WSI_TOKEN_HOST);
    request->api_key = custom_header_read(wsi, arena, "x-api-key:");
    if (!request->api_key[0])
        request->api_key = custom_header_read(wsi, arena, "x-jwt-key:");
    request->body = (struct slice){"", 0};
    args_read(wsi, request);
    return request;
}

/* ---- writing a reply ---- */

/* -1 ends the connection, as libwebsockets' callbacks have it. */
static int reply_write(struct arena *arena, struct lws *wsi, struct reply *reply)
{
    unsigned char *start =
        (unsigned char *)arena_alloc(arena, LWS_PRE + HEADERS_MAX_BYTES) + LWS_PRE;
    unsigned char *at = start, *end = start + HEADERS_MAX_BYTES;
    if (lws_add_http_common_headers(wsi, (unsigned)reply->status, reply->content_type,
                                    (lws_filepos_t)reply->body->size, &at, end))
        return -1;
    for (size_t i = 0; i < reply->header_count; i++) {
        const char *name = arena_printf(arena, "%s:", reply->headers[i].name);
        const char *value = reply->headers[i].value;
        if (lws_add_http_header_by_name(wsi, (const unsigned char *)name,
                                        (const unsigned char *)value, (int)strlen(value), &at, end))
            return -1;
    }
    return lws_finalize_write_http_header(wsi, start, &at, end);
}

static int body_write(struct lws *wsi, struct connection *connection)
{
    struct buffer *reply = &connection->reply;
    if (reply->size > 0 && lws_write(wsi, (unsigned char *)reply->data, reply->size,
                                     LWS_WRITE_HTTP_FINAL) != (int)reply->size)
        return -1;
    buffer_done(reply);
    return lws_http_transaction_completed(wsi) ? -1 : 0;
}

static int request_serve(struct server *server, struct lws *wsi, struct connection *connection)
{
    struct sim *sim = server->sim;
    buffer_done(&connection->reply);
    buffer_init(&connection->reply, REPLY_BODY_MAX_BYTES);
    struct reply reply = {.body = &connection->reply};

    struct request *request = request_read(sim, wsi);
    request->body = buffer_slice(&connection->body);
    routes_serve(sim, request, &reply);
    buffer_done(&connection->body);
    if (reply_write(sim->scratch, wsi, &reply))
        return -1;
    if (connection->reply.size == 0)
        return lws_http_transaction_completed(wsi) ? -1 : 0;
    lws_callback_on_writable(wsi);
    return 0;
}

/* A POST is served when its body is there; libwebsockets takes one without a length for endless. */
static int request_begin(struct server *server, struct lws *wsi, struct connection *connection)
{
    char length[24] = "";
    lws_hdr_copy(wsi, length, sizeof(length), WSI_TOKEN_HTTP_CONTENT_LENGTH);
    buffer_init(&connection->body, REQUEST_BODY_MAX_BYTES);
    if (length[0] && !text_equal(length, "0"))
        return 0;
    return request_serve(server, wsi, connection);
}

static int body_received(struct connection *connection, const void *data, size_t size)
{
    buffer_add(&connection->body, data, size);
    return connection->body.overflowed ? -1 : 0;
}

/* ---- WebSocket ---- */

/* By hand, since libwebsockets would say HTTP/1.0 at this point. */
static int refusal_write(struct arena *arena, struct lws *wsi, const struct refusal *refusal)
{
    const char *text = arena_printf(arena,
                                    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
                                    "Handshake-Msg: %s\r\nHandshake-Status: %s\r\n\r\n",
                                    refusal->message, refusal->status);
    size_t size = strlen(text);
    unsigned char *start = (unsigned char *)arena_alloc(arena, LWS_PRE + size) + LWS_PRE;
    memcpy(start, text, size);
    return lws_write(wsi, start, size, LWS_WRITE_HTTP_HEADERS) < 0 ? -1 : 0;
}

/* 0 lets the upgrade proceed; 1 says that the refusal is written. There is no struct connection
 * yet. */
static int upgrade_check(struct server *server, struct lws *wsi)
{
    struct sim *sim = server->sim;
    struct refusal refusal;
    struct room *room = routes_upgrade(sim, request_read(sim, wsi), &refusal);
    if (room) {
        lws_set_opaque_user_data(wsi, room);
        return 0;
    }
    return refusal_write(sim->scratch, wsi, &refusal) ? -1 : 1;
}

/* Of a reply that is an accepted upgrade. */
static int handshake_headers(struct server *server, struct lws *wsi,
                             struct lws_process_html_args *args)
{
    char value[48];
    unsigned char *at = (unsigned char *)args->p;
    if (!lws_get_opaque_user_data(wsi))
        return 0;
    int length = snprintf(value, sizeof(value), "ping-interval=%d;ping-timeout=10",
                          server->sim->options->ping_interval_s);
    if (lws_add_http_header_by_name(wsi, (const unsigned char *)"Handshake-Options:",
                                    (const unsigned char *)value, length, &at, at + args->max_len))
        return -1;
    args->p = (char *)at;
    return 0;
}

static void connection_done(struct connection *connection)
{
    if (!connection)
        return;
    if (connection->client)
        client_free(connection->client);
    connection->client = NULL;
    buffer_done(&connection->body);
    buffer_done(&connection->reply);
}

static int dispatch(struct server *server, struct lws *wsi, enum lws_callback_reasons reason,
                    struct connection *connection, void *in, size_t size)
{
    switch (reason) {
    case LWS_CALLBACK_HTTP:
        return request_begin(server, wsi, connection);
    case LWS_CALLBACK_HTTP_BODY:
        return body_received(connection, in, size);
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
        return request_serve(server, wsi, connection);
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return body_write(wsi, connection);
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return upgrade_check(server, wsi);
    case LWS_CALLBACK_ADD_HEADERS:
        return handshake_headers(server, wsi, in);
    case LWS_CALLBACK_ESTABLISHED:
        connection->client = client_new(lws_get_opaque_user_data(wsi), wsi);
        return 0;
    case LWS_CALLBACK_RECEIVE:
        return client_received(connection->client, in, size,
                               lws_is_final_fragment(wsi) && !lws_remaining_packet_payload(wsi))
                   ? 0
                   : -1;
    case LWS_CALLBACK_RECEIVE_PONG:
        client_ponged(connection->client);
        return 0;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return client_writable(connection->client) ? 0 : -1;
    case LWS_CALLBACK_CLOSED:
    case LWS_CALLBACK_CLOSED_HTTP:
        connection_done(connection);
        return 0;
    default:
        return 0;
    }
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t size)
{
    struct server *server = lws_context_user(lws_get_context(wsi));
    int result = dispatch(server, wsi, reason, user, in, size);
    arena_reset(server->sim->scratch);
    return result;
}

/* ---- the loop ---- */

static bool signal_came(void)
{
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGTERM);
    sigaddset(&wanted, SIGINT);
    return sigtimedwait(&wanted, NULL, &(struct timespec){0}) > 0;
}

static void on_tick(lws_sorted_usec_list_t *tick)
{
    struct server *server = lws_container_of(tick, struct server, tick);
    int64_t now_ns = clock_mono_ns(), now_ms = clock_wall_ms();
    for (struct room *room = server->sim->rooms.first; room; room = room->next) {
        if (!room->clients)
            continue;
        room_play(room, now_ns - server->ticked_ns, now_ms);
        arena_reset(server->sim->scratch);
    }
    server->ticked_ns = now_ns;
    server->stopping = signal_came();
    lws_sul_schedule(server->context, 0, tick, on_tick, TICK_US);
}

static void on_lws_log(int level, const char *line)
{
    char text[LOG_LINE_MAX / 2];
    snprintf(text, sizeof(text), "%.*s", (int)strcspn(line, "\n"), line);
    if (level & LLL_ERR)
        log_warning(NULL, "libwebsockets", LOG_TEXT("text", text));
    else
        log_debug(NULL, "libwebsockets", LOG_TEXT("text", text));
}

/* TikTok's clients may offer echo-protocol or nothing at all. */
static const struct lws_protocols protocols[] = {
    {"echo-protocol", on_event, sizeof(struct connection), 16384, 0, NULL, 0},
    {NULL, NULL, 0, 0, 0, NULL, 0},
};

struct server *server_open(struct sim *sim)
{
    struct server *server = calloc(1, sizeof(*server));
    if (!server)
        abort();
    server->sim = sim;
    lws_set_log_level(LLL_ERR | LLL_WARN, on_lws_log);
    struct lws_context_creation_info info = {
        .port = sim->options->port,
        .iface = sim->options->address,
        .protocols = protocols,
        .user = server,
        .max_http_header_data = HEADERS_MAX_BYTES,
        .max_http_header_pool = 1024,
        .ssl_cert_filepath = sim->options->tls_cert,
        .ssl_private_key_filepath = sim->options->tls_key,
        .alpn = "http/1.1",
        .options = sim->options->tls_cert ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0,
    };
    server->context = lws_create_context(&info);
    if (server->context)
        return server;
    log_error(NULL, "can't listen", LOG_TEXT("address", sim->options->address),
              LOG_INT("port", sim->options->port));
    server_close(server);
    return NULL;
}

void server_run(struct server *server)
{
    server->ticked_ns = clock_mono_ns();
    on_tick(&server->tick);
    while (!server->stopping && lws_service(server->context, 0) >= 0)
        ;
}

void server_close(struct server *server)
{
    if (!server)
        return;
    if (server->context)
        lws_context_destroy(server->context);
    free(server);
}
