/* SPDX-License-Identifier: MIT */
#include "services/gateway/ws/socket.h"

#include "services/gateway/ws/obey.h"
#include "services/gateway/ws/permit.h"
#include "services/gateway/ws/room.h"

#define PING_AFTER_MS 25000
#define PONG_WITHIN_MS 10000
#define CLOSE_WITHIN_MS 5000 /* for a client that reads no more */

struct socket *socket_new(struct ws *ws, struct lws *wsi)
{
    struct socket *socket = calloc(1, sizeof(*socket));
    if (!socket)
        abort();
    socket->ws = ws;
    socket->wsi = wsi;
    ws->guests++;
    return socket;
}

bool socket_is_v1(const struct socket *socket)
{
    return *socket->origin.v1_token.text;
}

void socket_free(struct socket *socket)
{
    frame_queue_clear(&socket->queue);
    free(socket->partial);
    free(socket->early);
    free(socket);
}

/* ---- pings ---- */

/* The library closes it when it is back in its loop. */
static void kill_connection(struct socket *socket)
{
    lws_set_timeout(socket->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
}

static void on_pulse(struct wheel_timer *timer);

static void set_pulse(struct socket *socket, int64_t delay_ms)
{
    wheel_set(&socket->ws->wheel, &socket->pulse, delay_ms, on_pulse);
}

static void on_pulse(struct wheel_timer *timer)
{
    struct socket *socket = lws_container_of(timer, struct socket, pulse);
    if (socket->close_code || socket->awaits_pong) {
        kill_connection(socket);
        return;
    }
    socket->owes_ping = socket->awaits_pong = true;
    set_pulse(socket, PONG_WITHIN_MS);
    lws_callback_on_writable(socket->wsi);
}

void socket_ponged(struct socket *socket)
{
    if (socket->close_code || !socket->awaits_pong)
        return;
    socket->awaits_pong = false;
    set_pulse(socket, PING_AFTER_MS);
}

/* With a payload, which the pong repeats: the library keeps empty ones to itself. */
static int send_ping(struct socket *socket)
{
    unsigned char frame[LWS_PRE + 1] = {[LWS_PRE] = '?'};
    socket->owes_ping = false;
    if (lws_write(socket->wsi, frame + LWS_PRE, 1, LWS_WRITE_PING) < 0)
        return -1;
    if (socket->queue.count > 0 || socket->close_code)
        lws_callback_on_writable(socket->wsi);
    return 0;
}

/* ---- begin and end ---- */

void socket_opened(struct socket *socket)
{
    struct ws *ws = socket->ws;
    socket->is_open = true;
    ws->guests--;
    socket->next = ws->sockets;
    if (ws->sockets)
        ws->sockets->previous = socket;
    ws->sockets = socket;
    ws->socket_count++;
    metric_add(ws->opened, 1);
    metric_set(ws->sockets_gauge, ws->socket_count);
    struct log_scope scope = trace_scope(&socket->origin.trace);
    log_info(&scope, "socket opened", LOG_TEXT("user_id", socket->origin.claims.user_id.text));
    set_pulse(socket, PING_AFTER_MS);
    permit_ask(socket);
}

static void leave_list(struct socket *socket)
{
    struct ws *ws = socket->ws;
    if (socket->previous)
        socket->previous->next = socket->next;
    else
        ws->sockets = socket->next;
    if (socket->next)
        socket->next->previous = socket->previous;
    ws->socket_count--;
    metric_set(ws->sockets_gauge, ws->socket_count);
    struct log_scope scope = trace_scope(&socket->origin.trace);
    log_info(&scope, "socket closed", LOG_TEXT("user_id", socket->origin.claims.user_id.text),
             LOG_INT("code", socket->close_code));
}

void socket_gone(struct socket *socket)
{
    socket->wsi = NULL;
    wheel_cancel(&socket->pulse);
    wheel_cancel(&socket->permit);
    room_leave(socket);
    replay_end(TAKE(socket->replay));
    if (socket->is_open)
        leave_list(socket);
    else
        socket->ws->guests--;
    if (!socket->awaits_auth)
        socket_free(socket);
}

/* ---- sending ---- */

static bool write_frame(struct socket *socket, struct frame *frame)
{
    metric_add(socket->ws->frames, 1);
    return lws_write(socket->wsi, frame_payload(frame), frame_size(frame), LWS_WRITE_TEXT) >= 0;
}

/* Most sockets have nothing waiting and room in the kernel: to write at once spares two turns of
 * the loop and three system calls. What the kernel does not take whole the library keeps; until
 * that is gone, the pipe counts as choked. */
static bool send_now(struct socket *socket, struct frame *frame)
{
    if (socket->queue.count > 0 || socket->owes_ping || lws_send_pipe_choked(socket->wsi))
        return false;
    if (!write_frame(socket, frame)) {
        socket_close(socket, SOCKET_CLOSE_BROKEN);
        kill_connection(socket);
    }
    return true;
}

void socket_send(struct socket *socket, struct frame *frame)
{
    if (socket->close_code || send_now(socket, frame))
        return;
    if (frame_queue_add(&socket->queue, frame)) {
        lws_callback_on_writable(socket->wsi);
        return;
    }
    metric_add(socket->ws->slow, 1);
    frame_queue_clear(&socket->queue);
    socket_close(socket, SOCKET_CLOSE_TOO_SLOW);
}

void socket_send_text(struct socket *socket, struct slice text)
{
    struct frame *frame = frame_new(text);
    socket_send(socket, frame);
    frame_drop(frame);
}

void socket_close(struct socket *socket, enum socket_close_code code)
{
    if (socket->close_code)
        return;
    room_leave(socket);
    socket->close_code = code;
    set_pulse(socket, CLOSE_WITHIN_MS);
    lws_callback_on_writable(socket->wsi);
}

static int close_now(struct socket *socket, unsigned code)
{
    socket->close_code = code;
    lws_close_reason(socket->wsi, (enum lws_close_status)code, NULL, 0);
    return -1;
}

int socket_writable(struct socket *socket)
{
    if (socket->owes_ping)
        return send_ping(socket);
    struct frame *frame = frame_queue_take(&socket->queue);
    if (!frame)
        return socket->close_code ? close_now(socket, socket->close_code) : 0;
    bool is_written = write_frame(socket, frame);
    frame_drop(frame);
    if (!is_written)
        return -1;
    if (socket->queue.count > 0 || socket->close_code)
        lws_callback_on_writable(socket->wsi);
    if (socket->replay)
        replay_continue(socket->replay);
    return 0;
}

/* ---- receiving ---- */

static void keep_piece(struct socket *socket, const char *data, size_t size)
{
    socket->partial = realloc(socket->partial, socket->partial_size + size + 1);
    if (!socket->partial)
        abort();
    memcpy(socket->partial + socket->partial_size, data, size);
    socket->partial_size += size;
}

int socket_received(struct socket *socket, const char *data, size_t size, bool is_last)
{
    if (socket->close_code)
        return 0;
    if (socket->partial_size + size > SOCKET_COMMAND_MAX_BYTES)
        return close_now(socket, SOCKET_CLOSE_TOO_LARGE);
    if (is_last && socket->partial_size == 0) {
        obey(socket, (struct slice){data, size});
        return 0;
    }
    keep_piece(socket, data, size);
    if (!is_last)
        return 0;
    AUTO(free) void *text = TAKE(socket->partial);
    struct slice command = {text, socket->partial_size};
    socket->partial_size = 0;
    obey(socket, command);
    return 0;
}
