/* SPDX-License-Identifier: MIT */
#include "lib/api/server.h"

#include "lib/base/clock.h"
#include "lib/base/json_writer.h"
#include "lib/base/text.h"

#include <assert.h>

#define CALL_ARENA_MAX_BYTES (8 * 1024 * 1024 + BUS_REPLY_MAX_BYTES)
#define VIOLATIONS_MAX_BYTES (1024 * 1024)
#define BODY_KEPT_BYTES (64 * 1024) /* from one call to the next */
#define DEFAULT_DEADLINE_MS 10000   /* of a call that came without one */

struct endpoint_context {
    struct api_server *server;
    const struct api_endpoint *endpoint;
};

struct api_server {
    struct api_server_options options;
    struct pool *pools[API_POOL_COUNT];
    struct dispatcher *dispatcher;
    struct endpoint_context *contexts;
};

/* What a worker thread keeps from call to call. */
struct worker {
    struct arena *arena;
    struct pg *db;
    struct buffer body;
};

static const char *const pool_names[] = {
    [API_POOL_IO] = "io", [API_POOL_HASH] = "hash", [API_POOL_WORK] = "work"};

static void *start_worker(void *closure)
{
    const struct api_server *server = closure;
    struct worker *worker = calloc(1, sizeof(*worker));
    if (!worker)
        abort();
    worker->arena = arena_new(CALL_ARENA_MAX_BYTES);
    buffer_init(&worker->body, BUS_REPLY_MAX_BYTES);
    if (server->options.database)
        worker->db = pg_new(server->options.database);
    return worker;
}

static void stop_worker(void *state, void *closure)
{
    (void)closure;
    struct worker *worker = state;
    pg_free(worker->db);
    buffer_done(&worker->body);
    arena_free(worker->arena);
    free(worker);
}

/* The trace id inside "00-<32 digits>-<16 digits>-<2 digits>". */
static const char *trace_id(struct arena *arena, const char *traceparent)
{
    if (!traceparent || strlen(traceparent) < 35)
        return NULL;
    return arena_text_n(arena, traceparent + 3, 32);
}

/* Bit 0 of the flags, the last two digits: who began the trace records it. */
static bool is_sampled(const char *traceparent)
{
    return traceparent && strlen(traceparent) == 55 && strchr("13579bdf", traceparent[54]);
}

static struct call make_call(const struct api_server *server, const struct worker *worker,
                             natsMsg *message, int64_t received_ms)
{
    const char *deadline = bus_header_get(message, CALL_HEADER_DEADLINE);
    struct call call = {
        .arena = worker->arena,
        .db = worker->db,
        .bus = server->options.bus,
        .app = server->options.app,
        .caller = {.user_id = bus_header_get(message, CALL_HEADER_USER),
                   .session_id = bus_header_get(message, CALL_HEADER_SESSION),
                   .address = bus_header_get(message, CALL_HEADER_ADDRESS),
                   .agent = bus_header_get(message, CALL_HEADER_AGENT),
                   .platform = bus_header_get(message, CALL_HEADER_PLATFORM)},
        .log = {.request_id = bus_header_get(message, CALL_HEADER_REQUEST_ID),
                .subject = natsMsg_GetSubject(message)},
        .traceparent = bus_header_get(message, CALL_HEADER_TRACEPARENT),
        .now_ms = clock_wall_ms(),
    };
    call.log.trace_id = trace_id(worker->arena, call.traceparent);
    if (!deadline || !text_parse_int(deadline, 0, INT64_MAX, &call.deadline_ms))
        call.deadline_ms = received_ms + DEFAULT_DEADLINE_MS;
    return call;
}

static enum status decode_request(struct call *call, const struct message *request,
                                  natsMsg *message, void *in, struct buffer *errors)
{
    struct request_parts parts = {
        .content_type = bus_header_get(message, CALL_HEADER_CONTENT_TYPE),
        .query = bus_header_get(message, CALL_HEADER_QUERY),
        .path = bus_header_get(message, CALL_HEADER_PATH),
        .form = bus_header_get(message, CALL_HEADER_FORM),
        .file = bus_header_get(message, CALL_HEADER_FILE),
        .body = {natsMsg_GetData(message), (size_t)natsMsg_GetDataLength(message)},
    };
    if (parts.form && strlen(parts.form) > CALL_FORM_MAX_BYTES)
        return STATUS_TOO_LARGE;
    return message_decode_request(request, &parts, call->arena, in, errors);
}

static enum status check_size(struct call *call, bool is_too_large)
{
    return is_too_large ? call_fail(call, STATUS_INTERNAL, "the reply is too large") : STATUS_OK;
}

/* Runs the handler; body holds what is replied as JSON, or the list of what is wrong with the
 * request. */
static enum status run_call(struct call *call, const struct api_endpoint *endpoint,
                            natsMsg *message, struct buffer *body, struct binary *ret_reply)
{
    if (call->now_ms >= call->deadline_ms)
        return STATUS_TIMEOUT;
    void *in = arena_alloc(call->arena, endpoint->request->size);
    enum status status = decode_request(call, endpoint->request, message, in, body);
    if (status != STATUS_OK)
        return status;

    buffer_clear(body); /* of its empty list */
    bool is_binary = endpoint->reply == &binary_message;
    call->body = is_binary ? body : NULL;
    void *out = arena_alloc(call->arena, endpoint->reply->size);
    status = endpoint->handle(call, in, out);
    if (status != STATUS_OK) {
        buffer_clear(body); /* of what the handler has left there */
        return status;
    }
    if (is_binary) {
        *ret_reply = *(const struct binary *)out;
        assert(ret_reply->content_type);
        return check_size(call, body->overflowed || ret_reply->data.size > BUS_REPLY_MAX_BYTES);
    }
    message_encode(endpoint->reply, out, body);
    ret_reply->data = buffer_slice(body);
    return check_size(call, body->overflowed);
}

static void write_error(const struct call *call, enum status status, struct buffer *body)
{
    struct json_writer writer;
    buffer_clear(body);
    json_init(&writer, body);
    json_open(&writer, '{');
    /* Our own faults explain themselves in the log, not to the client. */
    bool own_text = call->error && status != STATUS_INTERNAL;
    json_pair_text(&writer, "detail", own_text ? call->error : status_text(status));
    json_close(&writer, '}');
}

/* A request that did not decode has its list of violations in body already, unless that became too
 * long: inputs are repeated in it. */
static struct binary error_reply(const struct call *call, enum status status, struct buffer *body)
{
    bool has_list = status == STATUS_INVALID && body->size > 0 && !body->overflowed &&
                    body->size <= VIOLATIONS_MAX_BYTES;
    if (!has_list)
        write_error(call, status, body);
    return (struct binary){.data = buffer_slice(body)};
}

static void send_reply(struct call *call, enum status status, natsMsg *message,
                       const struct binary *reply)
{
    struct bus_header headers[ARRAY_LEN(call->headers) + 2];
    size_t count = call->header_count;
    memcpy(headers, call->headers, count * sizeof(headers[0]));
    headers[count++] = (struct bus_header){CALL_HEADER_CONTENT_TYPE, reply->content_type};
    unsigned retry_after_s = call->retry_after_s;
    if (status == STATUS_UNAVAILABLE && retry_after_s == 0)
        retry_after_s = 1;
    if (retry_after_s > 0)
        headers[count++] =
            (struct bus_header){"Retry-After", arena_printf(call->arena, "%u", retry_after_s)};
    bus_reply(call->bus, message, status_http(status), headers, count, reply->data);
}

/* A refused request is info, a dependency down a warning, our fault an error. */
static void log_call(const struct call *call, enum status status, int64_t received_ms)
{
    const char *reason = call->error;
    enum log_level level = LOG_LEVEL_INFO;
    if (status == STATUS_UNAVAILABLE || status == STATUS_TIMEOUT)
        level = LOG_LEVEL_WARNING;
    if (status == STATUS_INTERNAL)
        level = LOG_LEVEL_ERROR;
    if (level > LOG_LEVEL_INFO && !reason && call->db)
        reason = pg_error(call->db);
    LOG_WRITE(level, &call->log, "call", LOG_INT("status", status_http(status)),
              LOG_INT("duration_ms", clock_wall_ms() - received_ms),
              LOG_TEXT("user_id", call->caller.user_id), LOG_TEXT("reason", reason));
}

static int handle_message(natsMsg *message, int64_t received_ms, void *closure, void *state)
{
    const struct endpoint_context *context = closure;
    struct worker *worker = state;
    buffer_clear(&worker->body);

    struct call call = make_call(context->server, worker, message, received_ms);
    if (call.db)
        pg_begin_call(call.db, &call.log, is_sampled(call.traceparent));
    struct binary reply = {NULL, {NULL, 0}};
    enum status status = run_call(&call, context->endpoint, message, &worker->body, &reply);
    if (status != STATUS_OK)
        reply = error_reply(&call, status, &worker->body);
    /* Nobody waits any longer for a call that was late before it began. */
    if (status != STATUS_TIMEOUT || call.now_ms < call.deadline_ms)
        send_reply(&call, status, message, &reply);
    log_call(&call, status, received_ms);
    if (call.db)
        pg_end_call(call.db);
    if (call.has_news && context->server->options.on_news)
        context->server->options.on_news(context->server->options.news_closure);

    arena_reset(worker->arena);
    if (worker->body.capacity > BODY_KEPT_BYTES)
        buffer_done(&worker->body);
    return status_http(status);
}

static void start_pools(struct api_server *server)
{
    for (size_t i = 0; i < API_POOL_COUNT; i++) {
        if (server->options.workers[i] == 0)
            continue;
        struct pool_options pool = {
            .name = pool_names[i],
            .workers = server->options.workers[i],
            .queue_max = server->options.queue_max[i],
            .closure = server,
            .start_worker = start_worker,
            .stop_worker = stop_worker,
            .metrics = server->options.metrics,
        };
        server->pools[i] = pool_new(&pool);
    }
}

static enum status start_dispatcher(struct api_server *server)
{
    const struct api_service *service = server->options.service;
    struct dispatch_endpoint *endpoints = calloc(service->count, sizeof(*endpoints));
    server->contexts = calloc(service->count, sizeof(*server->contexts));
    if (!endpoints || !server->contexts)
        abort();
    for (size_t i = 0; i < service->count; i++) {
        const struct api_endpoint *endpoint = &service->endpoints[i];
        server->contexts[i] = (struct endpoint_context){server, endpoint};
        endpoints[i] = (struct dispatch_endpoint){
            .name = endpoint->name,
            .subject = endpoint->subject,
            .pool = server->pools[endpoint->pool],
            .handle = handle_message,
            .closure = &server->contexts[i],
            .fan_out = endpoint->fan_out,
        };
    }
    struct dispatcher_options options = {
        .bus = server->options.bus,
        .service = service->name,
        .version = server->options.version,
        .description = service->name,
        .endpoints = endpoints,
        .count = service->count,
        .metrics = server->options.metrics,
    };
    enum status status = dispatcher_start(&options, &server->dispatcher);
    free(endpoints);
    return status;
}

enum status api_server_start(const struct api_server_options *options,
                             struct api_server **ret_server)
{
    struct api_server *server = calloc(1, sizeof(*server));
    if (!server)
        abort();
    server->options = *options;
    start_pools(server);
    enum status status = start_dispatcher(server);
    if (status != STATUS_OK) {
        api_server_stop(server);
        return status;
    }
    *ret_server = server;
    return STATUS_OK;
}

void api_server_stop(struct api_server *server)
{
    if (!server)
        return;
    if (server->dispatcher)
        dispatcher_drain(server->dispatcher);
    for (size_t i = 0; i < API_POOL_COUNT; i++)
        pool_stop(server->pools[i]);
    dispatcher_free(server->dispatcher);
    for (size_t i = 0; i < API_POOL_COUNT; i++)
        pool_free(server->pools[i]);
    free(server->contexts);
    free(server);
}
