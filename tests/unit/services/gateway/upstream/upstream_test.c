/* SPDX-License-Identifier: MIT */
#include "services/gateway/upstream/upstream.h"

#include "lib/bus/reply.h"
#include "tests/support/servers.h"

#include <semaphore.h>
#include <time.h>

#define SUBJECT "upstreamtest.ask"
#define LONG_MS 20000
#define SHORT_MS 200
#define LARGE_BYTES 1000000 /* the test's server takes little more in a message */
#define MEMORY_BYTES ((size_t)64 * 1024 * 1024)

/* A gateway's upstream, and a service, which this thread speaks for. */
struct fixture {
    struct metrics *metrics;
    struct bodies *bodies;
    struct bus *bus;
    struct upstream *upstream;
    struct bus *service;
    natsSubscription *requests;
    sem_t done;
    int http_status; /* how the request ended */
    natsMsg *reply;
    struct body *joined;
};

static struct bus *open_bus(const char *name)
{
    const struct bus_options options = {.url = NATS_URL, .name = name};
    struct bus *bus = NULL;
    assert_int_equal(bus_open(&options, &bus), STATUS_OK);
    return bus;
}

static void start(struct fixture *fixture, size_t memory_bytes)
{
    fixture->metrics = metrics_new();
    fixture->bodies = bodies_new(memory_bytes, fixture->metrics);
    const struct upstream_options options = {.bus = fixture->bus,
                                             .max_pending = 4,
                                             .bodies = fixture->bodies,
                                             .metrics = fixture->metrics};
    assert_int_equal(upstream_start(&options, &fixture->upstream), STATUS_OK);
}

/* bodies_free sees that no part was kept. */
static void stop(struct fixture *fixture)
{
    upstream_stop(fixture->upstream);
    upstream_free(fixture->upstream);
    natsMsg_Destroy(fixture->reply);
    body_free(fixture->joined);
    bodies_free(fixture->bodies);
    metrics_free(fixture->metrics);
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    fixture->bus = open_bus("gateway");
    fixture->service = open_bus("service");
    natsConnection *connection = bus_connection(fixture->service);
    assert_int_equal(natsConnection_SubscribeSync(&fixture->requests, connection, SUBJECT),
                     NATS_OK);
    assert_int_equal(natsConnection_Flush(connection), NATS_OK);
    assert_int_equal(sem_init(&fixture->done, 0, 0), 0);
    start(fixture, MEMORY_BYTES);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    stop(fixture);
    natsSubscription_Destroy(fixture->requests);
    bus_close(fixture->service);
    bus_close(fixture->bus);
    sem_destroy(&fixture->done);
    free(fixture);
    return 0;
}

/* ---- the gateway's side ---- */

static void on_done(void *closure, int http_status, natsMsg *reply, struct body *joined)
{
    struct fixture *fixture = closure;
    fixture->http_status = http_status;
    fixture->reply = reply;
    fixture->joined = joined;
    sem_post(&fixture->done);
}

/* Sends a request and gives the service's inbox for it. */
static natsMsg *ask(struct fixture *fixture, bool takes_parts, unsigned timeout_ms)
{
    const struct upstream_request request = {
        .subject = SUBJECT, .timeout_ms = timeout_ms, .takes_parts = takes_parts};
    natsMsg *received = NULL;
    upstream_send(fixture->upstream, &request, on_done, fixture);
    assert_int_equal(natsSubscription_NextMsg(&received, fixture->requests, LONG_MS), NATS_OK);
    return received;
}

static int wait_for_end(struct fixture *fixture)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += LONG_MS / 1000;
    assert_int_equal(sem_timedwait(&fixture->done, &until), 0);
    return fixture->http_status;
}

static void assert_failed(struct fixture *fixture, int http_status)
{
    assert_int_equal(wait_for_end(fixture), http_status);
    assert_null(fixture->reply);
    assert_null(fixture->joined);
}

static int64_t memory_used(const struct fixture *fixture)
{
    return metric_value(metrics_gauge(fixture->metrics, "ttb_http_body_memory_bytes", "", ""));
}

/* ---- the service's side ---- */

static void say(struct fixture *fixture, natsMsg *request, const struct bus_header *headers,
                size_t count, struct slice data)
{
    natsMsg *message = NULL;
    assert_int_equal(bus_message(natsMsg_GetReply(request), NULL, headers, count, data, &message),
                     STATUS_OK);
    assert_int_equal(bus_publish_patiently(fixture->service, message, INT64_MAX), STATUS_OK);
}

static struct slice text(const char *data)
{
    return (struct slice){data, strlen(data)};
}

static void say_part(struct fixture *fixture, natsMsg *request, struct slice data)
{
    const struct bus_header more = {BUS_MORE_HEADER, "1"};
    say(fixture, request, &more, 1, data);
}

/* size is what the header says of all parts; NULL: there is none. */
static void say_last(struct fixture *fixture, natsMsg *request, const char *data, const char *size)
{
    const struct bus_header headers[] = {{BUS_STATUS_HEADER, "201"}, {BUS_SIZE_HEADER, size}};
    say(fixture, request, headers, ARRAY_LEN(headers), text(data));
}

static void say_large(struct fixture *fixture, natsMsg *request, size_t bytes)
{
    static const char zeros[LARGE_BYTES];
    for (size_t said = 0; said < bytes; said += sizeof(zeros))
        say_part(fixture, request, (struct slice){zeros, sizeof(zeros)});
}

/* ---- */

static void a_reply_in_one_piece_is_the_message(void **state)
{
    struct fixture *fixture = *state;
    AUTO(natsMsg_Destroy) natsMsg *request = ask(fixture, true, LONG_MS);
    say_last(fixture, request, "whole", NULL);
    assert_int_equal(wait_for_end(fixture), 201);
    assert_memory_equal(natsMsg_GetData(fixture->reply), "whole", strlen("whole"));
    assert_null(fixture->joined);
}

static void parts_are_joined_and_the_last_has_the_headers(void **state)
{
    struct fixture *fixture = *state;
    AUTO(natsMsg_Destroy) natsMsg *request = ask(fixture, true, LONG_MS);
    say_part(fixture, request, text("one,"));
    say_part(fixture, request, text("two,"));
    say_last(fixture, request, "three", "13");
    assert_int_equal(wait_for_end(fixture), 201);
    struct slice body = body_slice(fixture->joined);
    assert_int_equal(body.size, 13);
    assert_memory_equal(body.data, "one,two,three", 13);
    assert_string_equal(bus_header_get(fixture->reply, BUS_STATUS_HEADER), "201");
    assert_int_equal(memory_used(fixture), 13);
}

static void a_part_that_is_lost_is_noticed(void **state)
{
    struct fixture *fixture = *state;
    AUTO(natsMsg_Destroy) natsMsg *one_lost = ask(fixture, true, LONG_MS);
    say_part(fixture, one_lost, text("one,"));
    say_last(fixture, one_lost, "three", "13");
    assert_failed(fixture, 503);
    AUTO(natsMsg_Destroy) natsMsg *all_lost = ask(fixture, true, LONG_MS);
    say_last(fixture, all_lost, "three", "13");
    assert_failed(fixture, 503);
    AUTO(natsMsg_Destroy) natsMsg *no_size = ask(fixture, true, LONG_MS);
    say_part(fixture, no_size, text("one,"));
    say_last(fixture, no_size, "two", NULL);
    assert_failed(fixture, 503);
    assert_int_equal(memory_used(fixture), 0);
}

static void who_takes_no_parts_gets_none(void **state)
{
    struct fixture *fixture = *state;
    AUTO(natsMsg_Destroy) natsMsg *request = ask(fixture, false, LONG_MS);
    say_part(fixture, request, text("one,"));
    assert_failed(fixture, 500);
}

static void parts_do_not_extend_the_deadline(void **state)
{
    struct fixture *fixture = *state;
    AUTO(natsMsg_Destroy) natsMsg *late = ask(fixture, true, SHORT_MS);
    say_part(fixture, late, text("one,"));
    assert_failed(fixture, 504);
    assert_int_equal(memory_used(fixture), 0);

    /* What is said of it now is dropped, and the next request has nothing of it. */
    AUTO(natsMsg_Destroy) natsMsg *next = ask(fixture, true, LONG_MS);
    say_part(fixture, late, text("two,"));
    say_last(fixture, late, "three", "13");
    say_part(fixture, next, text("four,"));
    say_last(fixture, next, "five", "9");
    assert_int_equal(wait_for_end(fixture), 201);
    assert_memory_equal(body_slice(fixture->joined).data, "four,five", 9);
}

static void a_reply_is_bounded(void **state)
{
    struct fixture *fixture = *state;
    AUTO(natsMsg_Destroy) natsMsg *request = ask(fixture, true, LONG_MS);
    say_large(fixture, request, BUS_REPLY_MAX_BYTES);
    assert_failed(fixture, 503);
    assert_int_equal(memory_used(fixture), 0);
}

static void replies_are_bounded_together(void **state)
{
    struct fixture *fixture = *state;
    stop(fixture);
    start(fixture, 3 * LARGE_BYTES);
    AUTO(natsMsg_Destroy) natsMsg *first = ask(fixture, true, LONG_MS);
    AUTO(natsMsg_Destroy) natsMsg *second = ask(fixture, true, LONG_MS);
    say_large(fixture, first, (size_t)2 * LARGE_BYTES);
    say_large(fixture, second, (size_t)2 * LARGE_BYTES);
    assert_failed(fixture, 503);
    say_last(fixture, first, "", "2000000");
    assert_int_equal(wait_for_end(fixture), 201);
    assert_int_equal(body_slice(fixture->joined).size, 2 * LARGE_BYTES);
}

static void a_stop_ends_what_is_half_there(void **state)
{
    struct fixture *fixture = *state;
    AUTO(natsMsg_Destroy) natsMsg *request = ask(fixture, true, LONG_MS);
    say_part(fixture, request, text("one,"));
    assert_int_equal(natsConnection_Flush(bus_connection(fixture->service)), NATS_OK);
    stop(fixture);
    assert_failed(fixture, 503);
    start(fixture, MEMORY_BYTES);
}

static void a_subject_that_nobody_serves_is_unavailable(void **state)
{
    struct fixture *fixture = *state;
    const struct upstream_request request = {.subject = "upstreamtest.nobody",
                                             .timeout_ms = LONG_MS};
    upstream_send(fixture->upstream, &request, on_done, fixture);
    assert_failed(fixture, 503);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_reply_in_one_piece_is_the_message),
        TEST(parts_are_joined_and_the_last_has_the_headers),
        TEST(a_part_that_is_lost_is_noticed),
        TEST(who_takes_no_parts_gets_none),
        TEST(parts_do_not_extend_the_deadline),
        TEST(a_reply_is_bounded),
        TEST(replies_are_bounded_together),
        TEST(a_stop_ends_what_is_half_there),
        TEST(a_subject_that_nobody_serves_is_unavailable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
