/* SPDX-License-Identifier: MIT */
#include "lib/daemon/ops.h"

#include "lib/base/address.h"
#include "lib/base/json_writer.h"
#include "lib/base/text.h"
#include "lib/daemon/process.h"

#include <microhttpd.h>
#include <unistd.h>

#define REPLY_MAX_BYTES 4096
#define METRICS_MAX_BYTES (4 * 1024 * 1024)
#define CONNECTIONS_MAX 32
#define IDLE_TIMEOUT_S 30

struct ops {
    struct MHD_Daemon *http;
    struct metrics *metrics;
    ops_ready_fn ready;
    void *closure;
    struct metric *is_ready;
    struct process process;
};

static enum MHD_Result reply(struct MHD_Connection *connection, unsigned code, const char *type,
                             const char *text, size_t size)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(size, (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    if (code == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    enum MHD_Result result = MHD_queue_response(connection, code, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result reply_ready(struct ops *ops, struct MHD_Connection *connection)
{
    const char *reason = NULL;
    bool ready = ops->ready(ops->closure, &reason);
    AUTO_BUFFER(body, 1024);
    struct json_writer writer;
    json_init(&writer, &body);
    json_open(&writer, '{');
    json_pair_bool(&writer, "ready", ready);
    if (!ready)
        json_pair_text(&writer, "reason", reason);
    json_close(&writer, '}');
    return reply(connection, ready ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE, "application/json",
                 buffer_text(&body), body.size);
}

static enum MHD_Result reply_metrics(struct ops *ops, struct MHD_Connection *connection)
{
    const char *reason = NULL;
    metric_set(ops->is_ready, ops->ready(ops->closure, &reason));
    process_look(&ops->process);
    AUTO_BUFFER(body, METRICS_MAX_BYTES);
    metrics_render(ops->metrics, &body);
    return reply(connection, MHD_HTTP_OK, "text/plain; version=0.0.4", buffer_text(&body),
                 body.size);
}

/* Called as soon as the headers are there, and answers at once: nobody reads a body. */
static enum MHD_Result answer(void *closure, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *data,
                              size_t *size, void **state)
{
    (void)version;
    (void)data;
    (void)size;
    (void)state;
    struct ops *ops = closure;
    if (!text_equal(method, "GET") && !text_equal(method, "HEAD"))
        return reply(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "text/plain", "GET only\n", 9);
    if (text_equal(url, "/healthz"))
        return reply(connection, MHD_HTTP_OK, "application/json", "{\"alive\":true}", 14);
    if (text_equal(url, "/readyz"))
        return reply_ready(ops, connection);
    if (text_equal(url, "/metrics"))
        return reply_metrics(ops, connection);
    return reply(connection, MHD_HTTP_NOT_FOUND, "text/plain", "not found\n", 10);
}

static void add_metrics(struct ops *ops)
{
    ops->is_ready = metrics_gauge(ops->metrics, "ttb_ready", "1 while the daemon may serve.", "");
    metric_set(metrics_gauge(ops->metrics, "ttb_build_info", "1, for the version in its label.",
                             "version=\"" TTB_VERSION "\""),
               1);
    process_init(&ops->process, ops->metrics);
}

enum status ops_start(const char *host, unsigned port, struct metrics *metrics, ops_ready_fn ready,
                      void *closure, struct ops **ret_ops)
{
    struct address address;
    if (!address_parse(host, port, &address))
        return STATUS_BAD_REQUEST;

    struct ops *ops = calloc(1, sizeof(*ops));
    if (!ops)
        abort();
    *ops = (struct ops){.metrics = metrics, .ready = ready, .closure = closure};
    add_metrics(ops);
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD;
    if (address_is_ipv6(&address))
        flags |= MHD_USE_IPv6;
    ops->http = MHD_start_daemon(
        flags, (uint16_t)port, NULL, NULL, answer, ops, MHD_OPTION_SOCK_ADDR, address_of(&address),
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)IDLE_TIMEOUT_S, MHD_OPTION_END);
    if (!ops->http) {
        free(ops);
        return STATUS_CONFLICT;
    }
    *ret_ops = ops;
    return STATUS_OK;
}

static int connect_to(const char *host, unsigned port)
{
    struct address address;
    if (!address_parse(host, port, &address))
        return -1;
    struct timeval limit = {.tv_sec = 2};
    int fd = socket(address_of(&address)->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    if (connect(fd, address_of(&address), address.size) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* The whole reply, which ends with the connection. */
static bool read_reply(int fd, struct buffer *reply)
{
    char part[512];
    ssize_t size;
    while ((size = recv(fd, part, sizeof(part), 0)) > 0)
        buffer_add(reply, part, (size_t)size);
    return size == 0 && !reply->overflowed;
}

bool ops_ask_ready(const char *host, unsigned port, struct buffer *answer)
{
    static const char request[] = "GET /readyz HTTP/1.0\r\n\r\n";
    AUTO_BUFFER(reply, REPLY_MAX_BYTES);
    int fd = connect_to(host, port);
    if (fd < 0)
        return false;
    bool ok = write(fd, request, sizeof(request) - 1) == (ssize_t)sizeof(request) - 1 &&
              read_reply(fd, &reply);
    close(fd);
    const char *body = ok ? strstr(buffer_text(&reply), "\r\n\r\n") : NULL;
    if (!body)
        return false;
    buffer_add_text(answer, body + 4);
    return text_starts_with(buffer_text(&reply), "HTTP/1.1 200 ") ||
           text_starts_with(buffer_text(&reply), "HTTP/1.0 200 ");
}

bool ops_is_ready(const char *host, unsigned port)
{
    AUTO_BUFFER(answer, REPLY_MAX_BYTES);
    return ops_ask_ready(host, port, &answer);
}

void ops_stop(struct ops *ops)
{
    if (!ops)
        return;
    MHD_stop_daemon(ops->http);
    free(ops);
}
