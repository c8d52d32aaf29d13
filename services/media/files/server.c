/* SPDX-License-Identifier: MIT */
#include "services/media/files/server.h"

#include "lib/base/address.h"
#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "services/media/files/range.h"
#include "services/media/files/root.h"
#include "services/media/files/type.h"
#include "services/media/speech/path.h"

#include <inttypes.h>
#include <microhttpd.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#define PREFIX "/static/"
#define CACHE_CONTROL "public, max-age=2592000"
#define METHODS "GET, HEAD, OPTIONS"
#define REQUEST_HEADERS "Range, If-Range, If-None-Match"
#define EXPOSED_HEADERS "Accept-Ranges, Content-Length, Content-Range, ETag"
#define PREFLIGHT_AGE_S "86400"
#define IDLE_TIMEOUT_S 30
#define DRAIN_POLL_MS 5
#define POOL_BYTES 8192 /* a connection's memory: request line, headers, reply head */

struct file_server {
    struct MHD_Daemon *http;
    int quiesced_fd; /* the port, after file_server_drain; else -1 */
    atomic_bool draining;
    atomic_uint in_hand; /* requests */
    int root;
    struct pending *pending;
    struct metric *served;
    struct metric *refused;
};

/* A request between libmicrohttpd's calls. */
struct exchange {
    struct file_server *server;
    struct MHD_Connection *connection;
    bool is_get;
    bool is_preflight;
    bool has_waited;
};

static void wake(void *waiter)
{
    struct exchange *exchange = waiter;
    MHD_resume_connection(exchange->connection);
}

static const char *header_of(const struct exchange *exchange, const char *name)
{
    return MHD_lookup_connection_value(exchange->connection, MHD_HEADER_KIND, name);
}

static void add_common_headers(struct MHD_Response *response)
{
    static const struct {
        const char *name, *value;
    } headers[] = {
        {"Access-Control-Allow-Origin", "*"},  {"Access-Control-Expose-Headers", EXPOSED_HEADERS},
        {"X-Content-Type-Options", "nosniff"}, {"X-Frame-Options", "DENY"},
        {"Referrer-Policy", "no-referrer"},
    };
    for (size_t i = 0; i < ARRAY_LEN(headers); i++)
        MHD_add_response_header(response, headers[i].name, headers[i].value);
}

/* Sends response and lets go of it. */
static enum MHD_Result finish(const struct exchange *exchange, unsigned code,
                              struct MHD_Response *response)
{
    if (!response)
        return MHD_NO;
    add_common_headers(response);
    if (atomic_load(&exchange->server->draining))
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
    enum MHD_Result result = MHD_queue_response(exchange->connection, code, response);
    MHD_destroy_response(response);
    return result;
}

static struct MHD_Response *detail(const char *json)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(
        strlen(json), (void *)(uintptr_t)json, MHD_RESPMEM_PERSISTENT);
    if (!response)
        return NULL;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "application/json");
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    return response;
}

static enum MHD_Result reply_not_found(struct file_server *server, const struct exchange *exchange)
{
    metric_add(server->refused, 1);
    return finish(exchange, MHD_HTTP_NOT_FOUND, detail("{\"detail\":\"Not Found\"}"));
}

/* No such file; for speech that the disk had no room for, that is said. */
static enum MHD_Result reply_absent(struct file_server *server, const struct exchange *exchange,
                                    const char *path)
{
    if (!speech_path_is(path) || pending_reason(server->pending, path) != STATUS_NO_SPACE)
        return reply_not_found(server, exchange);
    metric_add(server->refused, 1);
    return finish(exchange, MHD_HTTP_INSUFFICIENT_STORAGE,
                  detail("{\"detail\":\"Insufficient Storage\"}"));
}

static enum MHD_Result reply_method_not_allowed(struct file_server *server,
                                                const struct exchange *exchange)
{
    metric_add(server->refused, 1);
    struct MHD_Response *response = detail("{\"detail\":\"Method Not Allowed\"}");
    if (response)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, METHODS);
    return finish(exchange, MHD_HTTP_METHOD_NOT_ALLOWED, response);
}

/* Whatever the path: a browser asks before it knows whether the file is there. */
static enum MHD_Result reply_preflight(const struct exchange *exchange)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    if (response) {
        MHD_add_response_header(response, "Access-Control-Allow-Methods", METHODS);
        MHD_add_response_header(response, "Access-Control-Allow-Headers", REQUEST_HEADERS);
        MHD_add_response_header(response, "Access-Control-Max-Age", PREFLIGHT_AGE_S);
    }
    return finish(exchange, MHD_HTTP_NO_CONTENT, response);
}

static void add_content_range(struct MHD_Response *response, const struct range *range,
                              uint64_t size)
{
    char text[80];
    if (range)
        snprintf(text, sizeof(text), "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, range->first,
                 range->first + range->length - 1, size);
    else
        snprintf(text, sizeof(text), "bytes */%" PRIu64, size);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_RANGE, text);
}

/* The headers that a 304 carries as well. */
static void add_file_headers(struct MHD_Response *response, const struct media_file *file)
{
    MHD_add_response_header(response, MHD_HTTP_HEADER_ETAG, file->etag);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, CACHE_CONTROL);
}

static enum MHD_Result reply_not_modified(const struct exchange *exchange,
                                          const struct media_file *file)
{
    close(file->fd);
    struct MHD_Response *response =
        MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    if (response)
        add_file_headers(response, file);
    return finish(exchange, MHD_HTTP_NOT_MODIFIED, response);
}

static enum MHD_Result reply_unsatisfiable(const struct exchange *exchange,
                                           const struct media_file *file)
{
    close(file->fd);
    struct MHD_Response *response = detail("{\"detail\":\"Range Not Satisfiable\"}");
    if (response)
        add_content_range(response, NULL, file->size);
    return finish(exchange, MHD_HTTP_RANGE_NOT_SATISFIABLE, response);
}

/* The file or, unless part is NULL, that part of it. The response owns the descriptor. */
static enum MHD_Result reply_content(const struct exchange *exchange, const struct media_file *file,
                                     const char *path, const struct range *part)
{
    struct range range = part ? *part : (struct range){0, file->size};
    struct MHD_Response *response =
        MHD_create_response_from_fd_at_offset64(range.length, file->fd, range.first);
    if (!response) {
        close(file->fd);
        return MHD_NO;
    }
    add_file_headers(response, file);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, file_type(file->fd, path));
    MHD_add_response_header(response, MHD_HTTP_HEADER_ACCEPT_RANGES, "bytes");
    if (part)
        add_content_range(response, part, file->size);
    return finish(exchange, part ? MHD_HTTP_PARTIAL_CONTENT : MHD_HTTP_OK, response);
}

/* A range is for GET only, and void when the file is no longer the one that the client has the rest
 * of. */
static const char *wanted_range(const struct exchange *exchange, const struct media_file *file)
{
    if (!exchange->is_get)
        return NULL;
    const char *condition = header_of(exchange, MHD_HTTP_HEADER_IF_RANGE);
    if (condition && !text_equal(condition, file->etag))
        return NULL;
    return header_of(exchange, MHD_HTTP_HEADER_RANGE);
}

static enum MHD_Result reply_file(struct file_server *server, const struct exchange *exchange,
                                  const struct media_file *file, const char *path)
{
    metric_add(server->served, 1);
    if (etag_is_listed(header_of(exchange, MHD_HTTP_HEADER_IF_NONE_MATCH), file->etag))
        return reply_not_modified(exchange, file);

    struct range range;
    switch (range_parse(wanted_range(exchange, file), file->size, &range)) {
    case RANGE_UNSATISFIABLE:
        return reply_unsatisfiable(exchange, file);
    case RANGE_PART:
        return reply_content(exchange, file, path, &range);
    default:
        return reply_content(exchange, file, path, NULL);
    }
}

/* True when the request is put to sleep; it is answered from the beginning when it wakes. The
 * connection is suspended first, since the speech may be ready before we are. */
static bool waits(struct file_server *server, struct exchange *exchange, const char *path)
{
    if (exchange->has_waited || !speech_path_is(path))
        return false;
    exchange->has_waited = true;
    MHD_suspend_connection(exchange->connection);
    if (pending_wait(server->pending, path, wake, exchange) != PENDING_WAIT)
        MHD_resume_connection(exchange->connection);
    return true;
}

static enum MHD_Result serve(struct file_server *server, struct exchange *exchange, const char *url)
{
    if (exchange->is_preflight)
        return reply_preflight(exchange);
    if (!text_starts_with(url, PREFIX))
        return reply_not_found(server, exchange);
    const char *path = url + strlen(PREFIX);
    struct media_file file;
    if (root_open_file(server->root, path, &file))
        return reply_file(server, exchange, &file, path);
    if (waits(server, exchange, path))
        return MHD_YES;
    return reply_absent(server, exchange, path);
}

/* libmicrohttpd calls for the headers, then for the answer, and again after a wait. */
static enum MHD_Result answer(void *closure, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *data,
                              size_t *size, void **state)
{
    (void)version;
    (void)data;
    (void)size;
    struct file_server *server = closure;
    bool is_get = text_equal(method, "GET");
    bool is_preflight = text_equal(method, "OPTIONS") && text_starts_with(url, PREFIX);
    if (!is_get && !is_preflight && !text_equal(method, "HEAD"))
        return reply_method_not_allowed(
            server, &(struct exchange){.server = server, .connection = connection});
    if (*state)
        return serve(server, *state, url);

    struct exchange *exchange = calloc(1, sizeof(*exchange));
    if (!exchange)
        abort();
    *exchange = (struct exchange){
        .server = server, .connection = connection, .is_get = is_get, .is_preflight = is_preflight};
    atomic_fetch_add(&server->in_hand, 1);
    *state = exchange;
    return MHD_YES;
}

static void forget(void *closure, struct MHD_Connection *connection, void **state,
                   enum MHD_RequestTerminationCode code)
{
    (void)connection;
    (void)code;
    struct file_server *server = closure;
    if (*state)
        atomic_fetch_sub(&server->in_hand, 1);
    free(*state);
    *state = NULL;
}

static struct MHD_Daemon *listen_on(struct file_server *server,
                                    const struct file_server_options *options)
{
    struct address address;
    if (!address_parse(options->host, options->port, &address))
        return NULL;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC;
    if (address_is_ipv6(&address))
        flags |= MHD_USE_IPv6;
    return MHD_start_daemon(flags, (uint16_t)options->port, NULL, NULL, answer, server,
                            MHD_OPTION_SOCK_ADDR, address_of(&address), MHD_OPTION_THREAD_POOL_SIZE,
                            options->threads, MHD_OPTION_NOTIFY_COMPLETED, forget, server,
                            MHD_OPTION_CONNECTION_LIMIT, options->connections_max,
                            MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_TIMEOUT_S,
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)POOL_BYTES, MHD_OPTION_END);
}

enum status file_server_start(const struct file_server_options *options,
                              struct file_server **ret_server)
{
    struct file_server *server = calloc(1, sizeof(*server));
    if (!server)
        abort();
    server->quiesced_fd = -1;
    server->root = options->root;
    server->pending = options->pending;
    if (options->metrics) {
        server->served = metrics_counter(options->metrics, "ttb_files_served_total",
                                         "Requests for files that are there", "");
        server->refused = metrics_counter(options->metrics, "ttb_files_refused_total",
                                          "Requests answered 404, 405 or 507", "");
    }
    server->http = listen_on(server, options);
    if (!server->http) {
        free(server);
        return STATUS_CONFLICT;
    }
    *ret_server = server;
    return STATUS_OK;
}

unsigned file_server_port(const struct file_server *server)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(server->http, MHD_DAEMON_INFO_BIND_PORT);
    return info->port;
}

void file_server_drain(struct file_server *server, unsigned new_ms)
{
    atomic_store(&server->draining, true);
    clock_sleep_ms(new_ms);
    server->quiesced_fd = MHD_quiesce_daemon(server->http);
    /* Clients in the kernel's queue learn at once that nobody will serve them here. */
    shutdown(server->quiesced_fd, SHUT_RD);
}

void file_server_finish(struct file_server *server, int64_t until_ms)
{
    while (atomic_load(&server->in_hand) > 0 && clock_mono_ms() < until_ms)
        clock_sleep_ms(DRAIN_POLL_MS);
}

void file_server_stop(struct file_server *server)
{
    if (!server)
        return;
    MHD_stop_daemon(server->http);
    if (server->quiesced_fd >= 0)
        close(server->quiesced_fd);
    free(server);
}
