/* SPDX-License-Identifier: MIT */
#include "services/gateway/http/intake.h"

#include "lib/base/text.h"

/* More than the edge lets pass, which would make a 503 of a connection closed on it. */
#define DROP_MAX_BYTES ((size_t)6 * 1024 * 1024)

/* What a route without a body lets pass, unread: some clients send {} with a GET. */
#define UNREAD_BODY_MAX_BYTES 1024

static size_t body_max(const struct exchange *exchange)
{
    size_t max = exchange->route ? exchange->route->body_max_bytes : 0;
    return max > 0 ? max : UNREAD_BODY_MAX_BYTES;
}

/* What has come is given up at once. */
static void refuse(struct exchange *exchange, enum status status)
{
    bool is_explained = status == STATUS_BAD_REQUEST && exchange->form;
    exchange->refusal_status = status_http(status);
    exchange->refusal_detail = is_explained ? form_problem(exchange->form) : status_text(status);
    exchange_drop_body(exchange);
}

/* libmicrohttpd has checked that a Content-Length is a number; 0 for a body of unknown size. */
static int64_t declared_size(const struct exchange *exchange)
{
    int64_t size = 0;
    const char *text = exchange_header(exchange, "Content-Length");
    if (text && !text_parse_int(text, 0, INT64_MAX, &size))
        return INT64_MAX;
    return size;
}

static bool is_form(const struct exchange *exchange)
{
    return exchange->route && exchange->route->is_form;
}

/* Another kind of body is a form without fields, whose bytes nobody needs. */
static void begin_form(struct exchange *exchange)
{
    if (!form_is_multipart(exchange_header(exchange, "Content-Type")))
        return;
    exchange->form = form_new(exchange->connection, exchange->context->gateway->bodies,
                              exchange->route->body_max_bytes);
}

bool intake_begin(struct exchange *exchange)
{
    int64_t size = declared_size(exchange);
    body_init(&exchange->body, exchange->context->gateway->bodies, body_max(exchange));
    if (!exchange->refusal_status && size > (int64_t)body_max(exchange))
        refuse(exchange, STATUS_TOO_LARGE);
    if (!exchange->refusal_status && is_form(exchange))
        begin_form(exchange);
    /* Who asks before it sends need not send. */
    bool asks = exchange_header(exchange, "Expect");
    return !exchange->refusal_status || (size <= (int64_t)DROP_MAX_BYTES && !asks);
}

static enum status keep(struct exchange *exchange, const char *data, size_t size)
{
    exchange->received_bytes += size;
    if (exchange->received_bytes > body_max(exchange))
        return STATUS_TOO_LARGE;
    if (!is_form(exchange))
        return body_add(&exchange->body, data, size);
    return exchange->form ? form_take(exchange->form, data, size) : STATUS_OK;
}

enum MHD_Result intake_take(struct exchange *exchange, const char *data, size_t size)
{
    if (!exchange->refusal_status) {
        enum status status = keep(exchange, data, size);
        if (status == STATUS_OK)
            return MHD_YES;
        refuse(exchange, status);
    }
    exchange->dropped_bytes += size;
    return exchange->dropped_bytes <= DROP_MAX_BYTES ? MHD_YES : MHD_NO;
}

void intake_end(struct exchange *exchange)
{
    if (exchange->refusal_status || !exchange->form)
        return;
    enum status status = form_end(exchange->form);
    if (status != STATUS_OK)
        refuse(exchange, status);
}
