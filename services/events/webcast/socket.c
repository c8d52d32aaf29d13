/* SPDX-License-Identifier: MIT */
#include "services/events/webcast/socket.h"

#include "lib/base/log.h"
#include "lib/base/text.h"
#include "services/events/webcast/browser.h"
#include "services/events/webcast/frames.h"

#define QUEUE_MAX_BYTES ((size_t)20 * 1024 * 1024) /* all that acks.h may hold, at once */
#define CLOSE_WAIT_S 2

struct outgoing {
    struct outgoing *next;
    size_t size;
    unsigned char data[]; /* LWS_PRE bytes, then the message */
};

struct socket {
    struct lws *wsi;
    const struct socket_handlers *handlers; /* NULL once nobody listens */
    void *closure;
    char *cookie;
    char *user_agent;
    int64_t ping_interval_s;
    bool opening; /* still within socket_open */
    bool is_open;
    bool failed; /* while opening */
    char reason[SOCKET_REASON_MAX];
    struct buffer incoming; /* fragments of a message */
    struct outgoing *first;
    struct outgoing **last;
    size_t queued_bytes;
};

static void socket_free(struct socket *socket)
{
    while (socket->first) {
        struct outgoing *next = socket->first->next;
        free(socket->first);
        socket->first = next;
    }
    buffer_done(&socket->incoming);
    free(socket->cookie);
    free(socket->user_agent);
    free(socket);
}

/* ---- the handshake ---- */

static bool add_header(struct lws *wsi, const char *name, const char *value, unsigned char **at,
                       unsigned char *end)
{
    return lws_add_http_header_by_name(wsi, (const unsigned char *)name,
                                       (const unsigned char *)value, (int)strlen(value), at,
                                       end) == 0;
}

static int add_headers(struct lws *wsi, const struct socket *socket, unsigned char **at,
                       size_t room)
{
    unsigned char *end = *at + room;
    bool added = add_header(wsi, "User-Agent:", socket->user_agent, at, end) &&
                 add_header(wsi, "Cookie:", socket->cookie, at, end);
    return added ? 0 : -1;
}

/* "" when absent or too long. */
static void copy_reply_header(struct lws *wsi, const char *name, char *out, int size)
{
    if (lws_hdr_custom_copy(wsi, out, size, name, (int)strlen(name)) < 0)
        out[0] = '\0';
}

/* Handshake-Options: "ping-interval=10;…". */
static int64_t ping_interval_s(struct lws *wsi)
{
    char options[SOCKET_REASON_MAX];
    copy_reply_header(wsi, "handshake-options:", options, sizeof(options));
    const char *at = strstr(options, "ping-interval=");
    if (!at)
        return 0;
    char *digits = options + (at - options) + strlen("ping-interval=");
    digits[strspn(digits, "0123456789")] = '\0';
    int64_t seconds;
    return text_parse_int(digits, 1, 3600, &seconds) ? seconds : 0;
}

/* TikTok refuses with HTTP 200 and says why in a header of its own. */
static enum webcast_error refusal(struct lws *wsi, const char *error, char *reason)
{
    char message[SOCKET_REASON_MAX / 2], status[16];
    copy_reply_header(wsi, "handshake-msg:", message, sizeof(message));
    copy_reply_header(wsi, "handshake-status:", status, sizeof(status));
    if (!message[0] && !status[0]) {
        snprintf(reason, SOCKET_REASON_MAX, "%s", error);
        return WEBCAST_ERROR_CLOSED;
    }
    snprintf(reason, SOCKET_REASON_MAX, "%s %s", message, status);
    bool device = text_equal(message, "DEVICE_BLOCKED") || text_equal(status, "415");
    return device ? WEBCAST_ERROR_DEVICE_BLOCKED : WEBCAST_ERROR_HANDSHAKE_REFUSED;
}

/* ---- reading and writing ---- */

static void receive(struct lws *wsi, struct socket *socket, const void *data, size_t size)
{
    if (lws_is_first_fragment(wsi))
        buffer_clear(&socket->incoming);
    buffer_add(&socket->incoming, data, size);
    if (!lws_is_final_fragment(wsi) || lws_remaining_packet_payload(wsi) > 0)
        return;
    struct slice message = buffer_slice(&socket->incoming);
    if (socket->incoming.overflowed)
        message.size = 0;
    if (lws_frame_is_binary(wsi) && socket->handlers)
        socket->handlers->on_message(socket->closure, message);
    buffer_clear(&socket->incoming);
}

void socket_send(struct socket *socket, struct slice message)
{
    if (socket->queued_bytes + message.size > QUEUE_MAX_BYTES)
        return;
    struct outgoing *outgoing = malloc(sizeof(*outgoing) + LWS_PRE + message.size);
    if (!outgoing)
        abort();
    outgoing->next = NULL;
    outgoing->size = message.size;
    memcpy(outgoing->data + LWS_PRE, message.data, message.size);
    *socket->last = outgoing;
    socket->last = &outgoing->next;
    socket->queued_bytes += message.size;
    lws_callback_on_writable(socket->wsi);
}

/* Non-zero ends the connection. */
static int write_first(struct lws *wsi, struct socket *socket)
{
    struct outgoing *outgoing = socket->first;
    socket->first = outgoing->next;
    if (!socket->first)
        socket->last = &socket->first;
    socket->queued_bytes -= outgoing->size;
    int written = lws_write(wsi, outgoing->data + LWS_PRE, outgoing->size, LWS_WRITE_BINARY);
    free(outgoing);
    return written < 0 ? -1 : 0;
}

/* As much as goes. */
static int write_queue(struct lws *wsi, struct socket *socket)
{
    if (!socket->handlers) {
        lws_close_reason(wsi, LWS_CLOSE_STATUS_NORMAL, NULL, 0);
        return -1;
    }
    while (socket->first && !lws_send_pipe_choked(wsi)) {
        if (write_first(wsi, socket) != 0)
            return -1;
    }
    if (socket->first)
        lws_callback_on_writable(wsi);
    return 0;
}

/* ---- the end ---- */

static void note_close_code(struct socket *socket, const unsigned char *data, size_t size)
{
    if (size >= 2)
        snprintf(socket->reason, SOCKET_REASON_MAX, "closed with %d %.*s", data[0] << 8 | data[1],
                 (int)(size - 2), (const char *)data + 2);
}

/* The connection is over, or never came to be: reports and frees. */
static void end(struct lws *wsi, struct socket *socket, enum webcast_error error)
{
    lws_set_opaque_user_data(wsi, NULL);
    socket->wsi = NULL;
    if (socket->opening) {
        socket->failed = true;
        return;
    }
    if (socket->handlers)
        socket->handlers->on_closed(socket->closure, error, socket->reason);
    socket_free(socket);
}

void socket_close(struct socket *socket)
{
    if (!socket)
        return;
    socket->handlers = NULL;
    if (!socket->is_open) {
        lws_set_timeout(socket->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
        return;
    }
    lws_set_timeout(socket->wsi, PENDING_TIMEOUT_USER_REASON_BASE, CLOSE_WAIT_S);
    lws_callback_on_writable(socket->wsi);
}

/* ---- libwebsockets ---- */

static int on_socket(struct lws *wsi, struct socket *socket, enum lws_callback_reasons reason,
                     void *data, size_t size)
{
    switch (reason) {
    case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
        return add_headers(wsi, socket, data, size);
    case LWS_CALLBACK_CLIENT_FILTER_PRE_ESTABLISH: /* the last time that the headers are there */
        socket->ping_interval_s = ping_interval_s(wsi);
        return 0;
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        socket->is_open = true;
        if (socket->handlers)
            socket->handlers->on_open(socket->closure, socket->ping_interval_s);
        return 0;
    case LWS_CALLBACK_CLIENT_RECEIVE:
        receive(wsi, socket, data, size);
        return 0;
    case LWS_CALLBACK_CLIENT_WRITEABLE:
        return write_queue(wsi, socket);
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        note_close_code(socket, data, size);
        return 0;
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        end(wsi, socket, refusal(wsi, data ? data : "no connection", socket->reason));
        return 0;
    case LWS_CALLBACK_CLIENT_CLOSED:
    case LWS_CALLBACK_WSI_DESTROY:
        end(wsi, socket, WEBCAST_ERROR_CLOSED);
        return 0;
    default:
        return 0;
    }
}

static int on_lws(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *data,
                  size_t size)
{
    (void)user;
    struct socket *socket = wsi ? lws_get_opaque_user_data(wsi) : NULL;
    return socket ? on_socket(wsi, socket, reason, data, size) : 0;
}

const struct lws_protocols socket_protocols[] = {
    {.name = "webcast", .callback = on_lws, .rx_buffer_size = 16 * 1024},
    {0},
};

static char *copy_text(const char *text)
{
    char *copy = strdup(text);
    if (!copy)
        abort();
    return copy;
}

struct socket *socket_open(struct lws_context *context, struct lws_vhost *vhost,
                           const struct target *target, const char *cookie, const char *user_agent,
                           const struct socket_handlers *handlers, void *closure, char *ret_reason)
{
    /* TikTok answers no pings: liveness is judged by its data, not by pongs. */
    static const lws_retry_bo_t no_pings = {0};
    struct socket *socket = calloc(1, sizeof(*socket));
    if (!socket)
        abort();
    socket->handlers = handlers;
    socket->closure = closure;
    socket->cookie = copy_text(cookie);
    socket->user_agent = copy_text(user_agent);
    socket->last = &socket->first;
    socket->opening = true;
    snprintf(socket->reason, SOCKET_REASON_MAX, "lost");
    buffer_init(&socket->incoming, FRAME_MAX_BYTES);

    struct lws_client_connect_info info = {
        .context = context,
        .vhost = vhost,
        .address = target->address,
        .host = target->authority,
        .port = target->port,
        .path = target->path,
        .ssl_connection = target->tls ? LCCSCF_USE_SSL : 0,
        .origin = BROWSER_ORIGIN,
        .alpn = "http/1.1",
        .local_protocol_name = socket_protocols[0].name,
        .opaque_user_data = socket,
        .retry_and_idle_policy = &no_pings,
        .pwsi = &socket->wsi,
    };
    struct lws *wsi = lws_client_connect_via_info(&info);
    socket->opening = false;
    if (wsi && !socket->failed)
        return socket;
    snprintf(ret_reason, SOCKET_REASON_MAX, "%s", socket->reason);
    socket_free(socket);
    return NULL;
}
