/* SPDX-License-Identifier: MIT */
#include "services/gateway/ws/ws.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "services/gateway/ws/chosen.h"
#include "services/gateway/ws/door.h"
#include "services/gateway/ws/drain.h"
#include "services/gateway/ws/handshake.h"
#include "services/gateway/ws/listening.h"
#include "services/gateway/ws/permit.h"
#include "services/gateway/ws/room.h"
#include "services/gateway/ws/socket.h"
#include "services/gateway/ws/state.h"

#define ARENA_MAX_BYTES ((size_t)1024 * 1024)
#define RX_BUFFER_BYTES 128   /* per socket; commands are short, and longer ones come in pieces */
#define TX_PACKET_BYTES 65536 /* what the library sends at a time; its own default is the above */
#define HANDSHAKE_TIMEOUT_S 10
#define TICK_US (WHEEL_STEP_MS * LWS_US_PER_MS)

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

void ws_heed_losses(struct ws *ws)
{
    unsigned losses = bus_losses(ws->gateway->bus);
    if (losses == ws->losses)
        return;
    ws->losses = losses;
    ws->is_cut = true;
    rooms_cut(ws);
}

static void on_tick(lws_sorted_usec_list_t *tick)
{
    struct ws *ws = lws_container_of(tick, struct ws, tick);
    ws_heed_losses(ws);
    if (ws->is_cut && bus_is_connected(ws->gateway->bus)) {
        ws->is_cut = false;
        rooms_resume(ws);
    }
    wheel_turn(&ws->wheel, clock_mono_ms());
    lws_sul_schedule(ws->context, 0, &ws->tick, on_tick, TICK_US);
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
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return handshake_check(socket);
    case LWS_CALLBACK_ESTABLISHED:
        socket_opened(socket);
        return 0;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return socket_writable(socket);
    case LWS_CALLBACK_RECEIVE:
        return received(socket, wsi, data, size);
    case LWS_CALLBACK_RECEIVE_PONG:
        socket_ponged(socket);
        return 0;
    case LWS_CALLBACK_CLOSED:
    case LWS_CALLBACK_WSI_DESTROY: /* when it never was open */
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
    case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED:
        return door_enter(ws, wsi);
    case LWS_CALLBACK_RAW_RX_FILE:
        door_look(ws);
        return 0;
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
    lws_sul_schedule(ws->context, 0, &ws->tick, on_tick, TICK_US);
    while (!drain_is_over(ws))
        ev_run(ws->loop, EVRUN_ONCE);
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

static enum status listen_on(struct ws *ws)
{
    static const struct lws_protocols protocols[] = {
        {.name = WS_PROTOCOL,
         .callback = on_lws,
         .rx_buffer_size = RX_BUFFER_BYTES,
         .tx_packet_size = TX_PACKET_BYTES},
        {0},
    };
    static const lws_retry_bo_t no_pings = {0}; /* socket.c has its own */
    const struct gateway_config *config = ws->gateway->config;
    void *loops[] = {ws->loop};
    struct lws_context_creation_info info = {
        .protocols = protocols,
        .options = LWS_SERVER_OPTION_VALIDATE_UTF8 | LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND |
                   LWS_SERVER_OPTION_LIBEV,
        .foreign_loops = loops,
        .user = ws,
        .max_http_header_pool = WS_GUESTS_MAX,
        .timeout_secs = HANDSHAKE_TIMEOUT_S,
        .retry_and_idle_policy = &no_pings,
    };
    struct address address;
    if (!listening_prepare(config->ws_host, config->ws_port, &info, &address))
        return STATUS_BAD_REQUEST;
    lws_set_log_level(LLL_ERR, log_lws);
    ws->context = lws_create_context(&info);
    return ws->context && listening_is_only_on(&address) && door_open(ws) ? STATUS_OK
                                                                          : STATUS_CONFLICT;
}

static void add_metrics(struct ws *ws, struct metrics *metrics)
{
    ws->sockets_gauge = metrics_gauge(metrics, "ttb_ws_sockets", "Open WebSockets.", "");
    metric_set(metrics_gauge(metrics, "ttb_ws_sockets_limit", "WebSockets that may be open.", ""),
               ws->gateway->config->ws_sockets);
    ws->opened =
        metrics_counter(metrics, "ttb_ws_opened_total", "WebSockets that were opened.", "");
    ws->refused = metrics_counter(metrics, "ttb_ws_full_total",
                                  "WebSockets refused since too many were open.", "");
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
    wheel_init(&ws->wheel, clock_mono_ms());
    ws->loop = ev_loop_new(EVBACKEND_EPOLL | EVFLAG_NOENV);
    if (!ws->loop)
        abort();
    enum status status = listen_on(ws);
    if (status == STATUS_OK)
        status = permit_listen(ws);
    if (status == STATUS_OK)
        status = chosen_listen(ws);
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
    drain_begin(item->closure);
}

void ws_stop(struct ws *ws, int64_t by_ms)
{
    const struct inbox_item item = {.run = run_stop, .closure = ws};
    ws->drain.end_ms = by_ms;
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
    ev_loop_destroy(ws->loop);
    arena_free(ws->arena);
    free(ws);
}
