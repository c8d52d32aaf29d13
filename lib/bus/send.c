/* SPDX-License-Identifier: MIT */
/* Messages: making them, and handing them to the bus. */
#include "lib/base/clock.h"
#include "lib/bus/batch.h"

#define BACKLOG_MAX_BYTES (8 * 1024 * 1024)
#define PATIENT_BACKLOG_BYTES (2 * 1024 * 1024)

/* ---- headers ---- */

static bool is_valid_header(const struct bus_header *header)
{
    return *header->name && !strpbrk(header->name, ":\r\n") && !strpbrk(header->value, "\r\n");
}

enum status bus_message(const char *subject, const char *reply, const struct bus_header *headers,
                        size_t count, struct slice body, natsMsg **ret_message)
{
    AUTO(natsMsg_Destroy) natsMsg *message = NULL;
    if (natsMsg_Create(&message, subject, reply, body.data, (int)body.size) != NATS_OK)
        return STATUS_INVALID;
    for (size_t i = 0; i < count; i++) {
        if (!headers[i].value)
            continue;
        if (!is_valid_header(&headers[i]) ||
            natsMsgHeader_Set(message, headers[i].name, headers[i].value) != NATS_OK)
            return STATUS_INVALID;
    }
    *ret_message = TAKE(message);
    return STATUS_OK;
}

const char *bus_header_get(natsMsg *message, const char *name)
{
    const char *value = NULL;
    return natsMsgHeader_Get(message, name, &value) == NATS_OK ? value : NULL;
}

/* ---- sending ---- */

static enum status status_from_nats(natsStatus s)
{
    switch (s) {
    case NATS_OK:
        return STATUS_OK;
    case NATS_TIMEOUT:
        return STATUS_TIMEOUT;
    case NATS_MAX_PAYLOAD:
        return STATUS_TOO_LARGE;
    case NATS_INVALID_ARG:
    case NATS_INVALID_SUBJECT:
        return STATUS_INVALID;
    default:
        return STATUS_UNAVAILABLE; /* no responders, disconnected, closed, draining, … */
    }
}

/* A server that stops reading must not make us hold what we have for it without end. The library's
 * own word on the connection is newer than ours: without one it would keep the message for later.
 */
static bool may_send(struct bus *bus)
{
    natsConnection *connection = bus_connection(bus);
    return bus_is_connected(bus) &&
           natsConnection_Status(connection) == NATS_CONN_STATUS_CONNECTED &&
           natsConnection_Buffered(connection) < BACKLOG_MAX_BYTES;
}

enum status bus_publish(struct bus *bus, natsMsg *message)
{
    enum status status = STATUS_UNAVAILABLE;
    if (may_send(bus))
        status = status_from_nats(natsConnection_PublishMsg(bus_connection(bus), message));
    natsMsg_Destroy(message);
    return status;
}

static bool wait_for_room(struct bus *bus, int64_t until_ms)
{
    natsConnection *connection = bus_connection(bus);
    while (bus_is_connected(bus)) {
        if (natsConnection_Buffered(connection) < PATIENT_BACKLOG_BYTES)
            return true;
        int64_t left_ms = until_ms - clock_mono_ms();
        if (left_ms <= 0 || natsConnection_FlushTimeout(connection, left_ms) != NATS_OK)
            return false;
    }
    return false;
}

enum status bus_publish_patiently(struct bus *bus, natsMsg *message, int64_t until_ms)
{
    if (wait_for_room(bus, until_ms))
        return bus_publish(bus, message);
    natsMsg_Destroy(message);
    return STATUS_UNAVAILABLE;
}

enum status bus_request(struct bus *bus, natsMsg *message, int64_t deadline_ms, natsMsg **ret_reply)
{
    AUTO(natsMsg_Destroy) natsMsg *request = message;
    int64_t left_ms = deadline_ms - clock_wall_ms();
    if (left_ms <= 0)
        return STATUS_TIMEOUT;
    if (!may_send(bus))
        return STATUS_UNAVAILABLE;
    natsMsg *reply = NULL;
    natsStatus s = natsConnection_RequestMsg(&reply, bus_connection(bus), request, left_ms);
    if (s == NATS_OK)
        *ret_reply = reply;
    return status_from_nats(s);
}

enum status bus_publish_batch(struct bus *bus, const struct bus_event *events, size_t count,
                              int64_t timeout_ms)
{
    if (!may_send(bus))
        return STATUS_UNAVAILABLE;
    return batch_publish(bus_batch(bus), events, count, timeout_ms);
}
