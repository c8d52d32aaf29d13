/* SPDX-License-Identifier: MIT */
#include "services/gateway/http/forward.h"

#include "lib/api/call.h"
#include "services/gateway/http/reply.h"
#include "services/gateway/http/router.h"

#include <ctype.h>

/* More than a connection's memory pool can hold, with every character encoded. */
#define PARAMETERS_MAX_BYTES 65536
#define AGENT_MAX 256

/* The reply's headers that a client gets; the rest are between us and the service. */
static const char *const passed_headers[] = {"Content-Type", "Retry-After", "Idempotency-Replayed"};

/* The User-Agent's first characters that can be shown as they are. */
static void find_agent(const struct exchange *exchange, char ret_agent[AGENT_MAX + 1])
{
    const char *agent = exchange_header(exchange, "User-Agent");
    size_t size = 0;
    for (; agent && *agent && size < AGENT_MAX; agent++) {
        if (isascii((unsigned char)*agent) && isprint((unsigned char)*agent))
            ret_agent[size++] = *agent;
    }
    ret_agent[size] = '\0';
}

static const char *or_null(const char *text)
{
    return *text ? text : NULL;
}

static void destroy_reply(void *reply)
{
    natsMsg_Destroy(reply);
}

static void free_joined(void *joined)
{
    body_free(joined);
}

/* Sends the memory that the reply came in, no copy; libmicrohttpd releases it when it is done. */
static struct MHD_Response *respond(struct slice body, MHD_ContentReaderFreeCallback release,
                                    void *owned)
{
    struct MHD_Response *response = MHD_create_response_from_buffer_with_free_callback_cls(
        body.size, (void *)(uintptr_t)body.data, release, owned);
    if (!response)
        release(owned);
    return response;
}

static struct MHD_Response *body_response(struct exchange *exchange)
{
    struct body *joined = TAKE(exchange->upstream_joined);
    if (joined)
        return respond(body_slice(joined), free_joined, joined);
    natsMsg *reply = TAKE(exchange->upstream_reply);
    const struct slice body = {natsMsg_GetData(reply), (size_t)natsMsg_GetDataLength(reply)};
    return respond(body, destroy_reply, reply);
}

/* Runs in the connection's thread when the request has ended. */
static enum MHD_Result answer(struct exchange *exchange)
{
    int status = exchange->upstream_status;
    if (!exchange->upstream_reply)
        return reply_error(exchange, status, status_text(status_from_http(status)));

    struct reply_header headers[ARRAY_LEN(passed_headers)];
    for (size_t i = 0; i < ARRAY_LEN(passed_headers); i++) {
        headers[i].name = passed_headers[i];
        headers[i].value = bus_header_get(exchange->upstream_reply, passed_headers[i]);
    }
    if (!headers[0].value)
        headers[0].value = "application/json";
    if (!headers[1].value && status == status_http(STATUS_UNAVAILABLE))
        headers[1].value = "1";
    /* The headers' values are the reply's: reply_send copies them before it lets go of that. */
    return reply_send(exchange, status, body_response(exchange), headers, ARRAY_LEN(headers));
}

/* In any thread. */
static void on_reply(void *closure, int http_status, natsMsg *reply, struct body *joined)
{
    struct exchange *exchange = closure;
    exchange->upstream_status = http_status;
    exchange->upstream_reply = reply;
    exchange->upstream_joined = joined;
    exchange_resume(exchange);
}

/* As soon as it is sent the exchange may end, in another thread; and the body, which request
 * borrows, is needed no more, however long the service takes. */
static void send_off(struct exchange *exchange, const struct upstream_request *request)
{
    struct body body = exchange->body;
    struct form *form = TAKE(exchange->form);
    body_init(&exchange->body, body.bodies, 0);
    exchange_suspend(exchange, answer);
    upstream_send(exchange->context->gateway->upstream, request, on_reply, exchange);
    body_done(&body);
    form_free(form);
}

enum MHD_Result forward(struct exchange *exchange)
{
    char agent[AGENT_MAX + 1];
    AUTO_BUFFER(parameters, PARAMETERS_MAX_BYTES);
    find_agent(exchange, agent);
    router_parameters(exchange->route, exchange->target, &parameters);
    const struct form *form = exchange->form;
    const char *query = strchr(exchange->target, '?');
    const char *platform = client_platform(
        MHD_lookup_connection_value(exchange->connection, MHD_GET_ARGUMENT_KIND, "platform"),
        exchange_header(exchange, "X-Client-Platform"));
    const struct bus_header headers[] = {
        {CALL_HEADER_REQUEST_ID, exchange->trace.request_id},
        {CALL_HEADER_TRACEPARENT, exchange->trace.traceparent},
        {CALL_HEADER_USER, or_null(exchange->claims.user_id.text)},
        {CALL_HEADER_SESSION, or_null(exchange->claims.session_id.text)},
        {CALL_HEADER_ADDRESS, exchange->address},
        {CALL_HEADER_AGENT, or_null(agent)},
        {CALL_HEADER_PLATFORM, platform},
        {CALL_HEADER_CONTENT_TYPE, exchange_header(exchange, "Content-Type")},
        {CALL_HEADER_QUERY, query && query[1] ? query + 1 : NULL},
        {CALL_HEADER_PATH, parameters.size > 0 ? buffer_text(&parameters) : NULL},
        {CALL_HEADER_FORM, form ? form_fields(form) : NULL},
        {CALL_HEADER_FILE, form ? form_file(form) : NULL},
    };
    const struct upstream_request request = {
        .subject = exchange->route->subject,
        .headers = headers,
        .header_count = ARRAY_LEN(headers),
        .body = form ? form_data(form) : body_slice(&exchange->body),
        .timeout_ms = exchange->route->timeout_ms,
        .takes_parts = true,
    };
    send_off(exchange, &request);
    return MHD_YES;
}
