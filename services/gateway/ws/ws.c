/* SPDX-License-Identifier: MIT */
#include "services/gateway/ws/ws.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "services/gateway/ws/handshake.h"
#include "services/gateway/ws/permit.h"
#include "services/gateway/ws/room.h"
#include "services/gateway/ws/socket.h"
#include "services/gateway/ws/state.h"

#define ARENA_MAX_BYTES ((size_t)1024 * 1024)
#define RX_BUFFER_BYTES 512 /* per socket; commands are short, and longer ones come in pieces */
#define HANDSHAKES_MAX 128  /* at a time; each holds memory for its headers */
#define HANDSHAKE_TIMEOUT_S 10
#define PING_AFTER_S 25
#define PONG_WITHIN_S 10
#define STOP_WAIT_MS 2000

/* ---- requests ---- */

struct request {
    struct ws *ws;
    ws_reply_fn done;
    void *closure;
};

static void run_reply(struct inbox_item *item)
{
    AUTO(free) void *owned = item->closure;
    struct request *request = owned;
    request->done(request->ws, request->closure, item->http_status, item->message);
}

/* In any thread. */
static void on_reply(void *closure, int http_status, natsMsg *reply, struct body *joined)
{
    (void)joined;
    struct request *request = closure;
    const struct inbox_item item = {
        .run = run_reply, .closure = request, .http_status = http_status, .message = reply};
    inbox_put(&request->ws->inbox, &item);
}

void ws_request(struct ws *ws, const struct upstream_request *wanted, ws_reply_fn done,
                void *closure)
{
    struct request *request = malloc(sizeof(*request));
    if (!request)
        abort();
    *request = (struct request){ws, done, closure};
    upstream_send(ws->gateway->upstream, wanted, on_reply, request);
}

/* ---- the thread ---- */

static void close_all(struct ws *ws, enum socket_close_code code)
{
    for (struct socket *socket = ws->sockets; socket; socket = socket->next)
        socket_close(socket, code);
}

/* Other threads have put something into the inbox. A client whose event was lost comes again and
 * asks for what it missed. */
static void on_woken(struct ws *ws)
{
    if (!inbox_run(&ws->inbox))
        return;
    log_warning(NULL, "live events came faster than they could be sent: all sockets close");
    close_all(ws, SOCKET_CLOSE_TOO_SLOW);
}

static void on_tick(lws_sorted_usec_list_t *tick)
{
    struct ws *ws = lws_container_of(tick, struct ws, tick);
    rooms_tick(ws);
    lws_sul_schedule(ws->context, 0, &ws->tick, on_tick, LWS_US_PER_SEC);
}

static int received(struct socket *socket, struct lws *wsi, const char *data, size_t size)
{
    if (lws_frame_is_binary(wsi))
        return 0;
    bool is_last = lws_is_final_fragment(wsi) && lws_remaining_packet_payload(wsi) == 0;
    return socket_received(socket, data, size, is_last);
}

static int on_socket(struct socket *socket, struct lws *wsi, enum lws_callback_reasons reason,
                     void *data, size_t size)
{
    switch (reason) {
    case LWS_CALLBACK_ESTABLISHED:
        socket_opened(socket, wsi);
        return 0;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return socket_writable(socket);
    case LWS_CALLBACK_RECEIVE:
        return received(socket, wsi, data, size);
    case LWS_CALLBACK_TIMER:
        permit_ask(socket);
        return 0;
    case LWS_CALLBACK_WSI_DESTROY: /* comes last, also when the handshake was never finished */
        lws_set_opaque_user_data(wsi, NULL);
        socket_gone(socket);
        return 0;
    default:
        return 0;
    }
}

static int on_lws(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *data,
                  size_t size)
{
    (void)user;
    struct ws *ws = lws_context_user(lws_get_context(wsi));
    struct socket *socket;
    switch (reason) {
    case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
        on_woken(ws);
        return 0;
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return handshake_check(ws, wsi);
    case LWS_CALLBACK_HTTP:
        return handshake_refuse_http(wsi);
    default:
        socket = lws_get_opaque_user_data(wsi);
        return socket ? on_socket(socket, wsi, reason, data, size) : 0;
    }
}

static void *run(void *closure)
{
    struct ws *ws = closure;
    lws_sul_schedule(ws->context, 0, &ws->tick, on_tick, LWS_US_PER_SEC);
    while (!ws->stopping || (ws->socket_count > 0 && clock_mono_ms() < ws->stop_by_ms))
        lws_service(ws->context, 0);
    inbox_close(&ws->inbox);
    lws_context_destroy(ws->context);
    return NULL;
}

/* ---- start and stop ---- */

static void wake(void *closure)
{
    struct ws *ws = closure;
    lws_cancel_service(ws->context);
}

/* The library calls a client's misbehaviour an error, too. */
static void log_lws(int level, const char *line)
{
    (void)level;
    char text[256];
    snprintf(text, sizeof(text), "%.*s", (int)strcspn(line, "\n"), line);
    log_warning(NULL, "libwebsockets", LOG_TEXT("text", text));
}

static struct lws_context *listen_on(struct ws *ws)
{
    static const struct lws_protocols protocols[] = {
        {.name = "ttboost", .callback = on_lws, .rx_buffer_size = RX_BUFFER_BYTES},
        {0},
    };
    static const lws_retry_bo_t keepalive = {
        .secs_since_valid_ping = PING_AFTER_S,
        .secs_since_valid_hangup = PING_AFTER_S + PONG_WITHIN_S,
    };
    const struct gateway_config *config = ws->gateway->config;
    const struct lws_context_creation_info info = {
        .port = (int)config->ws_port,
        .iface = config->ws_host,
        .protocols = protocols,
        .options = LWS_SERVER_OPTION_VALIDATE_UTF8 | LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND,
        .user = ws,
        .max_http_header_pool = HANDSHAKES_MAX,
        .timeout_secs = HANDSHAKE_TIMEOUT_S,
        .retry_and_idle_policy = &keepalive,
    };
    lws_set_log_level(LLL_ERR, log_lws);
    return lws_create_context(&info);
}

static void add_metrics(struct ws *ws, struct metrics *metrics)
{
    ws->sockets_gauge = metrics_gauge(metrics, "ttb_ws_sockets", "Open WebSockets.", "");
    ws->frames =
        metrics_counter(metrics, "ttb_ws_frames_sent_total", "Frames sent on WebSockets.", "");
    ws->slow = metrics_counter(metrics, "ttb_ws_slow_closes_total",
                               "WebSockets closed because their client read too slowly.", "");
}

enum status ws_start(struct gateway *gateway, struct ws **ret_ws)
{
    struct ws *ws = calloc(1, sizeof(*ws));
    if (!ws)
        abort();
    ws->gateway = gateway;
    ws->arena = arena_new(ARENA_MAX_BYTES);
    add_metrics(ws, gateway->metrics);
    inbox_init(&ws->inbox, wake, ws);
    ws->context = listen_on(ws);
    enum status status = ws->context ? permit_listen(ws) : STATUS_CONFLICT;
    if (status != STATUS_OK) {
        if (ws->context)
            lws_context_destroy(ws->context);
        ws_free(ws);
        return status;
    }
    if (pthread_create(&ws->thread, NULL, run, ws) != 0)
        abort();
    log_info(NULL, "WebSocket is up", LOG_TEXT("host", gateway->config->ws_host),
             LOG_INT("port", gateway->config->ws_port));
    *ret_ws = ws;
    return STATUS_OK;
}

static void run_close_ended(struct inbox_item *item)
{
    permit_look_through(item->closure);
}

void ws_close_ended(struct ws *ws)
{
    const struct inbox_item item = {.run = run_close_ended, .closure = ws};
    inbox_put(&ws->inbox, &item);
}

static void run_stop(struct inbox_item *item)
{
    struct ws *ws = item->closure;
    ws->stopping = true;
    ws->stop_by_ms = clock_mono_ms() + STOP_WAIT_MS;
    close_all(ws, SOCKET_CLOSE_GOING_AWAY);
}

void ws_stop(struct ws *ws)
{
    const struct inbox_item item = {.run = run_stop, .closure = ws};
    inbox_put(&ws->inbox, &item);
    pthread_join(ws->thread, NULL);
}

void ws_free(struct ws *ws)
{
    if (!ws)
        return;
    subscriptions_free(ws->news);
    while (atomic_load(&ws->subscriptions) > 0)
        clock_sleep_ms(1);
    inbox_done(&ws->inbox);
    arena_free(ws->arena);
    free(ws);
}
