/* SPDX-License-Identifier: MIT */
#include "services/gateway/ws/door.h"

#include "gen/auth/messages.h"
#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "services/gateway/access/limits_client.h"
#include "services/gateway/ws/permit.h"
#include "services/gateway/ws/request_head.h"

#include <sys/epoll.h>

#define LOOKS_AT_ONCE 64

/* ---- going in ---- */

static void let_in(struct socket *socket)
{
    struct epoll_event unused = {0};
    if (!socket->entry.is_held)
        return;
    socket->entry.is_held = false;
    (void)epoll_ctl(socket->ws->door, EPOLL_CTL_DEL, lws_get_socket_fd(socket->wsi), &unused);
    (void)lws_rx_flow_control(socket->wsi, 1);
}

static void decide(struct socket *socket, enum status status, unsigned retry_after_s)
{
    socket->entry.is_known = true;
    socket->entry.status = status;
    socket->entry.retry_after_s = retry_after_s;
    let_in(socket);
}

/* ---- whose the v1 token is ---- */

static enum status read_answer(struct socket *socket, int http_status, natsMsg *message)
{
    struct ws *ws = socket->ws;
    struct open_v1_socket_reply reply = {0};
    if (http_status == status_http(STATUS_UNAUTHENTICATED))
        return STATUS_UNAUTHENTICATED;
    if (http_status != status_http(STATUS_OK) || !message)
        return STATUS_UNAVAILABLE;
    struct slice json = {natsMsg_GetData(message), (size_t)natsMsg_GetDataLength(message)};
    enum status status = message_decode(&open_v1_socket_reply_message, json, ws->arena, &reply);
    if (status == STATUS_OK && !uuid_parse(reply.user_id, &socket->origin.claims.user_id))
        status = STATUS_UNAVAILABLE;
    arena_reset(ws->arena);
    return status;
}

static void on_auth(struct ws *ws, void *closure, int http_status, natsMsg *message)
{
    (void)ws;
    struct socket *socket = closure;
    socket->awaits_auth = false;
    if (!socket->wsi) {
        socket_free(socket);
        return;
    }
    enum status status = read_answer(socket, http_status, message);
    decide(socket, status, status == STATUS_UNAVAILABLE ? 1 : 0);
}

/* Counted like a request of the class "other", on the address: whose it is, only auth can tell. */
static bool is_limited(struct socket *socket, unsigned *ret_retry_after_s)
{
    const struct limits_key key = limits_address_key(socket->origin.address);
    struct limits_verdict verdict =
        limits_take(socket->ws->gateway->limits, ROUTE_RATE_OTHER, &key, clock_mono_ns());
    *ret_retry_after_s = verdict.reset_s;
    return verdict.is_refused;
}

static void ask(struct socket *socket, const struct request_head *head)
{
    struct ws *ws = socket->ws;
    struct socket_origin *origin = &socket->origin;
    char peer[CLIENT_ADDRESS_SIZE];
    unsigned retry_after_s;
    lws_get_peer_simple(socket->wsi, peer, sizeof(peer));
    client_address(&ws->gateway->proxies, peer, head->forwarded_for, origin->address);
    trace_begin(&origin->trace, head->request_id, head->traceparent);
    if (is_limited(socket, &retry_after_s))
        decide(socket, STATUS_TOO_MANY, retry_after_s);
    else if (!uuid_parse(head->token, &origin->v1_token))
        decide(socket, STATUS_UNAUTHENTICATED, 0);
    else
        permit_ask_v1(socket, on_auth);
}

/* ---- looking ---- */

/* What the client closes or breaks off goes in, too: the library sees to that. */
static void look_at(struct socket *socket)
{
    char text[REQUEST_HEAD_MAX_BYTES + 1];
    struct request_head head;
    if (socket->awaits_auth)
        return;
    ssize_t size =
        recv(lws_get_socket_fd(socket->wsi), text, sizeof(text) - 1, MSG_PEEK | MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    text[size > 0 ? size : 0] = '\0';
    switch (size > 0 ? request_head_parse(text, (size_t)size, &head) : REQUEST_HEAD_OTHER) {
    case REQUEST_HEAD_PART:
        return;
    case REQUEST_HEAD_V1:
        ask(socket, &head);
        return;
    case REQUEST_HEAD_OTHER:
        let_in(socket);
        return;
    }
}

void door_look(struct ws *ws)
{
    struct epoll_event events[LOOKS_AT_ONCE];
    int count = epoll_wait(ws->door, events, LOOKS_AT_ONCE, 0);
    for (int i = 0; i < count; i++)
        look_at(events[i].data.ptr);
}

/* Edge-triggered, so that half a request is looked at only when more of it has come; what was there
 * before counts as the first edge. */
static int hold(struct socket *socket)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data.ptr = socket};
    if (lws_rx_flow_control(socket->wsi, 0) < 0)
        return -1;
    socket->entry.is_held = true;
    return epoll_ctl(socket->ws->door, EPOLL_CTL_ADD, lws_get_socket_fd(socket->wsi), &event);
}

int door_enter(struct ws *ws, struct lws *wsi)
{
    if (ws->guests >= WS_GUESTS_MAX)
        return -1;
    struct socket *socket = socket_new(ws, wsi);
    lws_set_opaque_user_data(wsi, socket);
    return hold(socket);
}

bool door_open(struct ws *ws)
{
    ws->door = epoll_create1(EPOLL_CLOEXEC);
    if (ws->door < 0)
        return false;
    const lws_sock_file_fd_type descriptor = {.filefd = ws->door};
    return lws_adopt_descriptor_vhost(lws_get_vhost_by_name(ws->context, "default"),
                                      LWS_ADOPT_RAW_FILE_DESC, descriptor, WS_PROTOCOL, NULL);
}
