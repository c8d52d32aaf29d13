/* SPDX-License-Identifier: MIT */
/* A server on a real NATS, and somebody who asks it. */
#pragma once

#include "lib/api/server.h"

#include "tests/support/servers.h"

#include <stdatomic.h>

#define LONG_MS 20000
#define INBOX "apitest.inbox"
#define ARENA_BYTES ((size_t)40 * 1024 * 1024)

struct fixture {
    struct bus *server_bus;
    struct bus *client_bus;
    struct api_server *server;
    struct arena *arena; /* the client's */
    natsSubscription *inbox;
    atomic_size_t kept_bytes; /* what a handler has seen of its worker's buffer */
};

static inline struct bus *open_bus(const char *name)
{
    const struct bus_options options = {.url = NATS_URL, .name = name};
    struct bus *bus = NULL;
    assert_int_equal(bus_open(&options, &bus), STATUS_OK);
    return bus;
}

/* call->app is the fixture. There is one worker, of API_POOL_IO. */
static inline struct fixture *start_serving(const struct api_service *service)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    log_start(service->name, LOG_LEVEL_ERROR);
    fixture->server_bus = open_bus(service->name);
    fixture->client_bus = open_bus("client");
    fixture->arena = arena_new(ARENA_BYTES);
    natsConnection *connection = bus_connection(fixture->client_bus);
    assert_int_equal(natsConnection_SubscribeSync(&fixture->inbox, connection, INBOX), NATS_OK);
    const struct api_server_options options = {
        .service = service,
        .version = "1.2.3",
        .bus = fixture->server_bus,
        .app = fixture,
        .workers = {[API_POOL_IO] = 1},
        .queue_max = {[API_POOL_IO] = 16},
    };
    assert_int_equal(api_server_start(&options, &fixture->server), STATUS_OK);
    return fixture;
}

static inline int stop_serving(void **state)
{
    struct fixture *fixture = *state;
    api_server_stop(fixture->server);
    natsSubscription_Destroy(fixture->inbox);
    bus_close(fixture->server_bus);
    bus_close(fixture->client_bus);
    arena_free(fixture->arena);
    free(fixture);
    return 0;
}

static inline void ask(struct fixture *fixture, const char *subject,
                       const struct bus_header *headers, size_t count, struct slice body)
{
    natsMsg *message = NULL;
    assert_int_equal(bus_message(subject, INBOX, headers, count, body, &message), STATUS_OK);
    assert_int_equal(bus_publish(fixture->client_bus, message), STATUS_OK);
}

/* The last part of the next reply; the bytes of all are in ret_body. */
static inline natsMsg *take_reply(struct fixture *fixture, struct buffer *ret_body)
{
    for (;;) {
        AUTO(natsMsg_Destroy) natsMsg *part = NULL;
        assert_int_equal(natsSubscription_NextMsg(&part, fixture->inbox, LONG_MS), NATS_OK);
        buffer_add(ret_body, natsMsg_GetData(part), (size_t)natsMsg_GetDataLength(part));
        if (!bus_header_get(part, BUS_MORE_HEADER))
            return TAKE(part);
    }
}

static inline void check_status(natsMsg *reply, const char *status)
{
    const char *header = bus_header_get(reply, BUS_STATUS_HEADER);
    assert_string_equal(header ? header : "200", status);
}

/* The next reply is this JSON. */
static inline void check_json(struct fixture *fixture, const char *status, const char *expected)
{
    AUTO_BUFFER(body, BUS_REPLY_MAX_BYTES);
    AUTO(natsMsg_Destroy) natsMsg *reply = take_reply(fixture, &body);
    assert_string_equal(buffer_text(&body), expected);
    check_status(reply, status);
    assert_null(bus_header_get(reply, CALL_HEADER_CONTENT_TYPE));
}

static inline char letter_at(size_t index)
{
    return (char)('a' + index % 23);
}

static inline char *make_letters(struct arena *arena, size_t size)
{
    char *letters = arena_alloc(arena, size + 1);
    for (size_t i = 0; i < size; i++)
        letters[i] = letter_at(i);
    return letters;
}
