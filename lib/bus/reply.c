/* SPDX-License-Identifier: MIT */
#include "lib/bus/reply.h"

#include "lib/base/clock.h"
#include "lib/base/json_writer.h"

#define ERROR_MAX_BYTES 4096
#define HEADERS_MAX_BYTES ((size_t)64 * 1024)
#define PARTS_TIMEOUT_MS 10000
#define DIGITS 24

static const struct bus_header more = {BUS_MORE_HEADER, "1"};

/* Beside our own header, ADR-32's, by which generic clients know an error. */
static bool set_status(natsMsg *reply, int http_status)
{
    if (http_status == 200)
        return true;
    char digits[DIGITS];
    snprintf(digits, sizeof(digits), "%d", http_status);
    if (natsMsgHeader_Set(reply, BUS_STATUS_HEADER, digits) != NATS_OK)
        return false;
    if (http_status < 400)
        return true;
    return natsMsgHeader_Set(reply, "Nats-Service-Error-Code", digits) == NATS_OK &&
           natsMsgHeader_Set(reply, "Nats-Service-Error",
                             status_text(status_from_http(http_status))) == NATS_OK;
}

static bool set_size(natsMsg *reply, size_t size)
{
    char digits[DIGITS];
    snprintf(digits, sizeof(digits), "%zu", size);
    return natsMsgHeader_Set(reply, BUS_SIZE_HEADER, digits) == NATS_OK;
}

static bool fits_one_message(struct bus *bus, size_t size)
{
    if (size <= BUS_PART_MAX_BYTES)
        return true;
    int64_t payload_max = natsConnection_GetMaxPayload(bus_connection(bus));
    return (int64_t)(size + HEADERS_MAX_BYTES) <= payload_max;
}

/* Sends all but the last part. */
static enum status send_parts(struct bus *bus, const char *subject, struct slice body,
                              int64_t until_ms)
{
    const char *data = body.data;
    enum status status = STATUS_OK;
    for (size_t at = 0; at < body.size && status == STATUS_OK; at += BUS_PART_MAX_BYTES) {
        natsMsg *part = NULL;
        status = bus_message(subject, NULL, &more, 1, (struct slice){data + at, BUS_PART_MAX_BYTES},
                             &part);
        if (status == STATUS_OK)
            status = bus_publish_patiently(bus, part, until_ms);
    }
    return status;
}

static enum status send_in_parts(struct bus *bus, natsMsg *last, struct slice before)
{
    int64_t until_ms = clock_mono_ms() + PARTS_TIMEOUT_MS;
    enum status status = send_parts(bus, natsMsg_GetSubject(last), before, until_ms);
    if (status != STATUS_OK) {
        natsMsg_Destroy(last);
        return status;
    }
    return bus_publish_patiently(bus, last, until_ms);
}

static enum status send_reply(struct bus *bus, natsMsg *message, int http_status,
                              const struct bus_header *headers, size_t count, struct slice body)
{
    if (body.size > BUS_REPLY_MAX_BYTES)
        return STATUS_TOO_LARGE;
    size_t before = 0; /* in whole parts, ahead of the last */
    if (!fits_one_message(bus, body.size))
        before = (body.size - 1) / BUS_PART_MAX_BYTES * BUS_PART_MAX_BYTES;

    /* Made first: a reply that can't be sent must be known before a part of it is on its way. */
    const struct slice rest = {(const char *)body.data + before, body.size - before};
    AUTO(natsMsg_Destroy) natsMsg *last = NULL;
    enum status status = bus_message(natsMsg_GetReply(message), NULL, headers, count, rest, &last);
    if (status != STATUS_OK)
        return status;
    if (!set_status(last, http_status))
        return STATUS_INVALID;
    if (before == 0)
        return bus_publish(bus, TAKE(last));
    if (!set_size(last, body.size))
        return STATUS_INVALID;
    return send_in_parts(bus, TAKE(last), (struct slice){body.data, before});
}

void bus_reply(struct bus *bus, natsMsg *message, int http_status, const struct bus_header *headers,
               size_t count, struct slice body)
{
    if (!natsMsg_GetReply(message))
        return;
    enum status status = send_reply(bus, message, http_status, headers, count, body);
    /* A reply that can't be sent at all is our bug: say so, rather than let the client wait. */
    if (status == STATUS_INVALID || status == STATUS_TOO_LARGE)
        bus_reply_error(bus, message, STATUS_INTERNAL, status_text(STATUS_INTERNAL));
}

void bus_reply_error(struct bus *bus, natsMsg *message, enum status status, const char *detail)
{
    if (!natsMsg_GetReply(message))
        return;
    AUTO_BUFFER(body, ERROR_MAX_BYTES);
    struct json_writer writer;
    json_init(&writer, &body);
    json_open(&writer, '{');
    json_pair_text(&writer, "detail", detail);
    json_close(&writer, '}');
    const struct bus_header retry = {"Retry-After", status == STATUS_UNAVAILABLE ? "1" : NULL};
    if (send_reply(bus, message, status_http(status), &retry, 1, buffer_slice(&body)) != STATUS_OK)
        return; /* nobody is left to tell */
}
