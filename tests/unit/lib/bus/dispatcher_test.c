/* SPDX-License-Identifier: MIT */
#include "lib/bus/dispatcher.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"

#include "tests/support/servers.h"

#include <jansson.h>
#include <pthread.h>
#include <stdatomic.h>

#define SERVICE "dispatchtest"
#define LONG_MS 20000
#define NOTHING ((struct slice){"", 0})
#define FLOOD 300

AUTO_DEFINE(json_t *, json_decref)

/* A service and one who asks it, each with a connection of its own. */
struct fixture {
    struct bus *server;
    struct bus *client;
    struct metrics *metrics;
    struct pool *pool;
    struct dispatcher *dispatcher;
    atomic_bool closed; /* the handler of "slow" waits while this is set */
    atomic_int entered;
};

/* ---- handlers ---- */

static int handle_echo(natsMsg *message, int64_t received_ms, void *closure, void *worker)
{
    (void)received_ms;
    (void)worker;
    struct fixture *fixture = closure;
    const struct bus_header header = {"Kind", "echo"};
    struct slice body = {natsMsg_GetData(message), (size_t)natsMsg_GetDataLength(message)};
    bus_reply(fixture->server, message, 200, &header, 1, body);
    return 200;
}

static int handle_slow(natsMsg *message, int64_t received_ms, void *closure, void *worker)
{
    struct fixture *fixture = closure;
    atomic_fetch_add(&fixture->entered, 1);
    while (atomic_load(&fixture->closed))
        clock_sleep_ms(1);
    return handle_echo(message, received_ms, closure, worker);
}

static int handle_refuse(natsMsg *message, int64_t received_ms, void *closure, void *worker)
{
    (void)received_ms;
    (void)worker;
    struct fixture *fixture = closure;
    bus_reply_error(fixture->server, message, STATUS_CONFLICT, "it is \"taken\"");
    return 409;
}

static int handle_fail(natsMsg *message, int64_t received_ms, void *closure, void *worker)
{
    (void)received_ms;
    (void)worker;
    struct fixture *fixture = closure;
    const struct bus_header broken = {"Kind", "two\r\nlines"};
    bus_reply(fixture->server, message, 200, &broken, 1, NOTHING);
    return 500;
}

/* ---- fixture ---- */

static struct bus *open_bus(const char *name)
{
    const struct bus_options options = {.url = NATS_URL, .name = name};
    struct bus *bus = NULL;
    assert_int_equal(bus_open(&options, &bus), STATUS_OK);
    return bus;
}

static void start(struct fixture *fixture)
{
    const struct dispatch_endpoint endpoints[] = {
        {"echo", "rpc.dispatchtest.echo", fixture->pool, handle_echo, fixture, false},
        {"slow", "rpc.dispatchtest.slow", fixture->pool, handle_slow, fixture, false},
        {"refuse", "rpc.dispatchtest.refuse", fixture->pool, handle_refuse, fixture, false},
        {"fail", "rpc.dispatchtest.fail", fixture->pool, handle_fail, fixture, false},
        {"all", "rpc.dispatchtest.all", fixture->pool, handle_slow, fixture, true},
    };
    const struct dispatcher_options options = {
        .bus = fixture->server,
        .service = SERVICE,
        .version = "1.2.3",
        .description = "a test",
        .endpoints = endpoints,
        .count = ARRAY_LEN(endpoints),
        .metrics = fixture->metrics,
    };
    assert_int_equal(dispatcher_start(&options, &fixture->dispatcher), STATUS_OK);
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    fixture->server = open_bus(SERVICE);
    fixture->client = open_bus("client");
    fixture->metrics = metrics_new();
    const struct pool_options pool = {.name = "io", .workers = 2, .queue_max = FLOOD};
    fixture->pool = pool_new(&pool);
    start(fixture);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    dispatcher_free(fixture->dispatcher);
    pool_free(fixture->pool);
    bus_close(fixture->server);
    bus_close(fixture->client);
    metrics_free(fixture->metrics);
    free(fixture);
    return 0;
}

static natsMsg *make_request(const char *subject, const char *reply, const char *body)
{
    natsMsg *message = NULL;
    struct slice bytes = {body, strlen(body)};
    assert_int_equal(bus_message(subject, reply, NULL, 0, bytes, &message), STATUS_OK);
    return message;
}

static natsMsg *ask(struct fixture *fixture, const char *subject, const char *body)
{
    natsMsg *reply = NULL;
    assert_int_equal(bus_request(fixture->client, make_request(subject, NULL, body),
                                 clock_wall_ms() + LONG_MS, &reply),
                     STATUS_OK);
    return reply;
}

static int64_t count_of(struct fixture *fixture, const char *labels)
{
    return metric_value(metrics_counter(fixture->metrics, "ttb_calls_total", "", labels));
}

/* ---- replies ---- */

static void a_call_is_answered_with_body_and_headers(void **state)
{
    struct fixture *fixture = *state;
    AUTO(natsMsg_Destroy) natsMsg *reply = ask(fixture, "rpc.dispatchtest.echo", "hello");
    assert_string_equal(natsMsg_GetData(reply), "hello");
    assert_string_equal(bus_header_get(reply, "Kind"), "echo");
    assert_null(bus_header_get(reply, BUS_STATUS_HEADER));
    assert_null(bus_header_get(reply, "Nats-Service-Error"));
}

static void a_refusal_carries_its_status_and_detail(void **state)
{
    struct fixture *fixture = *state;
    AUTO(natsMsg_Destroy) natsMsg *reply = ask(fixture, "rpc.dispatchtest.refuse", "");
    assert_string_equal(bus_header_get(reply, BUS_STATUS_HEADER), "409");
    assert_string_equal(natsMsg_GetData(reply), "{\"detail\":\"it is \\\"taken\\\"\"}");
    assert_string_equal(bus_header_get(reply, "Nats-Service-Error-Code"), "409");
    assert_string_equal(bus_header_get(reply, "Nats-Service-Error"), "Conflict");
    assert_null(bus_header_get(reply, "Retry-After"));
}

static void a_reply_that_can_not_be_sent_becomes_a_500(void **state)
{
    struct fixture *fixture = *state;
    AUTO(natsMsg_Destroy) natsMsg *reply = ask(fixture, "rpc.dispatchtest.fail", "");
    assert_string_equal(bus_header_get(reply, BUS_STATUS_HEADER), "500");
    assert_string_equal(natsMsg_GetData(reply), "{\"detail\":\"Internal Server Error\"}");
}

/* ---- floods ---- */

/* Collects replies that come to one inbox. */
struct inbox {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned ok;
    unsigned refused;
    bool retry_after;
    natsSubscription *subscription;
};

static void on_reply(natsConnection *connection, natsSubscription *subscription, natsMsg *message,
                     void *closure)
{
    (void)connection;
    (void)subscription;
    AUTO(natsMsg_Destroy) natsMsg *reply = message;
    struct inbox *inbox = closure;
    const char *status = bus_header_get(reply, BUS_STATUS_HEADER);
    pthread_mutex_lock(&inbox->lock);
    if (status && text_equal(status, "503")) {
        inbox->refused++;
        inbox->retry_after = bus_header_get(reply, "Retry-After") != NULL;
    } else {
        inbox->ok++;
    }
    pthread_cond_signal(&inbox->changed);
    pthread_mutex_unlock(&inbox->lock);
}

static void open_inbox(struct fixture *fixture, struct inbox *inbox)
{
    pthread_mutex_init(&inbox->lock, NULL);
    pthread_cond_init(&inbox->changed, NULL);
    assert_int_equal(natsConnection_Subscribe(&inbox->subscription, bus_connection(fixture->client),
                                              "dispatchtest.inbox", on_reply, inbox),
                     NATS_OK);
}

static void send_many(struct fixture *fixture, const char *subject, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        assert_int_equal(
            bus_publish(fixture->client, make_request(subject, "dispatchtest.inbox", "x")),
            STATUS_OK);
    assert_int_equal(natsConnection_Flush(bus_connection(fixture->client)), NATS_OK);
}

static void send_flood(struct fixture *fixture, unsigned count)
{
    send_many(fixture, "rpc.dispatchtest.slow", count);
}

static void wait_for_replies(struct inbox *inbox, unsigned ok, unsigned refused)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += LONG_MS / 1000;
    pthread_mutex_lock(&inbox->lock);
    while (inbox->ok + inbox->refused < ok + refused &&
           pthread_cond_timedwait(&inbox->changed, &inbox->lock, &until) == 0)
        continue;
    pthread_mutex_unlock(&inbox->lock);
    assert_int_equal(inbox->ok, ok);
    assert_int_equal(inbox->refused, refused);
}

static void close_inbox(struct inbox *inbox)
{
    natsSubscription_Destroy(inbox->subscription);
}

static void wait_until_entered(struct fixture *fixture, int count)
{
    while (atomic_load(&fixture->entered) < count)
        clock_sleep_ms(1);
}

static void a_full_queue_is_answered_with_503_at_once(void **state)
{
    struct fixture *fixture = *state;
    struct inbox inbox = {.ok = 0};
    open_inbox(fixture, &inbox);
    atomic_store(&fixture->closed, true);
    send_flood(fixture, 2);
    wait_until_entered(fixture, 2); /* both workers are taken, the queue is empty */
    send_flood(fixture, FLOOD + 50);
    wait_for_replies(&inbox, 0, 50);
    assert_true(inbox.retry_after);
    atomic_store(&fixture->closed, false);
    wait_for_replies(&inbox, FLOOD + 2, 50);
    close_inbox(&inbox);
    assert_int_equal(count_of(fixture, "endpoint=\"slow\",class=\"2xx\""), FLOOD + 2);
    assert_int_equal(count_of(fixture, "endpoint=\"slow\",class=\"5xx\""), 50);
}

static void *open_soon(void *closure)
{
    struct fixture *fixture = closure;
    clock_sleep_ms(100);
    atomic_store(&fixture->closed, false);
    return NULL;
}

static void draining_answers_every_call_that_was_sent(void **state)
{
    struct fixture *fixture = *state;
    struct inbox inbox = {.ok = 0};
    open_inbox(fixture, &inbox);
    atomic_store(&fixture->closed, true);
    send_flood(fixture, FLOOD);
    pthread_t opener;
    assert_int_equal(pthread_create(&opener, NULL, open_soon, fixture), 0);

    dispatcher_drain(fixture->dispatcher);
    pool_stop(fixture->pool);
    bus_close(TAKE(fixture->server)); /* what is not sent by now is lost */

    pthread_join(opener, NULL);
    wait_for_replies(&inbox, FLOOD, 0);
    close_inbox(&inbox);
    dispatcher_free(TAKE(fixture->dispatcher));
}

static void a_drained_service_has_no_responders(void **state)
{
    struct fixture *fixture = *state;
    dispatcher_drain(fixture->dispatcher);
    natsMsg *reply = NULL;
    assert_int_equal(bus_request(fixture->client, make_request("rpc.dispatchtest.echo", NULL, ""),
                                 clock_wall_ms() + LONG_MS, &reply),
                     STATUS_UNAVAILABLE);
}

/* Sends calls to two replicas and waits for so many answers; the other one is then gone. */
static void ask_two_replicas(struct fixture *fixture, struct fixture *replica, const char *subject,
                             unsigned calls, unsigned answers)
{
    *replica = (struct fixture){.server = open_bus(SERVICE), .pool = fixture->pool};
    start(replica);
    struct inbox inbox = {.ok = 0};
    open_inbox(fixture, &inbox);
    send_many(fixture, subject, calls);
    dispatcher_free(replica->dispatcher);
    dispatcher_drain(fixture->dispatcher);
    assert_int_equal(natsConnection_Flush(bus_connection(replica->server)), NATS_OK);
    assert_int_equal(natsConnection_Flush(bus_connection(fixture->server)), NATS_OK);
    wait_for_replies(&inbox, answers, 0);
    close_inbox(&inbox);
    bus_close(replica->server);
}

static void of_two_replicas_one_answers(void **state)
{
    struct fixture *fixture = *state;
    struct fixture replica;
    ask_two_replicas(fixture, &replica, "rpc.dispatchtest.slow", 100, 100);
    assert_int_equal(fixture->entered + replica.entered, 100);
}

static void of_two_replicas_both_answer_what_fans_out(void **state)
{
    struct fixture *fixture = *state;
    struct fixture replica;
    ask_two_replicas(fixture, &replica, "rpc.dispatchtest.all", 100, 200);
    assert_int_equal(fixture->entered, 100);
    assert_int_equal(replica.entered, 100);
}

/* ---- $SRV ---- */

static json_t *ask_service(struct fixture *fixture, const char *subject)
{
    AUTO(natsMsg_Destroy) natsMsg *reply = ask(fixture, subject, "");
    json_t *json =
        json_loadb(natsMsg_GetData(reply), (size_t)natsMsg_GetDataLength(reply), 0, NULL);
    assert_non_null(json);
    return json;
}

static const char *text_of(const json_t *json, const char *key)
{
    const char *text = json_string_value(json_object_get(json, key));
    assert_non_null(text);
    return text;
}

static void check_common(struct fixture *fixture, const json_t *json, const char *type)
{
    assert_string_equal(text_of(json, "type"), type);
    assert_string_equal(text_of(json, "name"), SERVICE);
    assert_string_equal(text_of(json, "id"), bus_id(fixture->server));
    assert_string_equal(text_of(json, "version"), "1.2.3");
    assert_true(json_is_object(json_object_get(json, "metadata")));
}

static void a_service_answers_pings_to_all_to_its_name_and_to_its_id(void **state)
{
    struct fixture *fixture = *state;
    char by_id[128];
    snprintf(by_id, sizeof(by_id), "$SRV.PING." SERVICE ".%s", bus_id(fixture->server));
    const char *subjects[] = {"$SRV.PING", "$SRV.PING." SERVICE, by_id};
    for (size_t i = 0; i < ARRAY_LEN(subjects); i++) {
        AUTO(json_decref) json_t *json = ask_service(fixture, subjects[i]);
        check_common(fixture, json, "io.nats.micro.v1.ping_response");
    }
}

static void a_service_tells_its_endpoints(void **state)
{
    struct fixture *fixture = *state;
    AUTO(json_decref) json_t *json = ask_service(fixture, "$SRV.INFO." SERVICE);
    check_common(fixture, json, "io.nats.micro.v1.info_response");
    assert_string_equal(text_of(json, "description"), "a test");
    const json_t *endpoints = json_object_get(json, "endpoints");
    assert_int_equal(json_array_size(endpoints), 5);
    const json_t *slow = json_array_get(endpoints, 1);
    assert_string_equal(text_of(slow, "name"), "slow");
    assert_string_equal(text_of(slow, "subject"), "rpc.dispatchtest.slow");
    assert_string_equal(text_of(slow, "queue_group"), SERVICE);
    assert_true(json_is_object(json_object_get(slow, "metadata")));
    assert_string_equal(text_of(json_array_get(endpoints, 4), "queue_group"), "");
}

static json_int_t int_of(const json_t *json, const char *key)
{
    const json_t *value = json_object_get(json, key);
    assert_true(json_is_integer(value));
    return json_integer_value(value);
}

/* A call is counted after its reply is sent: asks until the counts are there. */
static json_t *wait_for_stats(struct fixture *fixture, size_t endpoint, json_int_t requests)
{
    for (int i = 0; i < 1000; i++) {
        json_t *json = ask_service(fixture, "$SRV.STATS." SERVICE);
        const json_t *counts = json_array_get(json_object_get(json, "endpoints"), endpoint);
        if (int_of(counts, "num_requests") == requests)
            return json;
        json_decref(json);
        clock_sleep_ms(5);
    }
    fail_msg("the statistics never showed %d requests", (int)requests);
    return NULL;
}

static void a_service_counts_its_calls_and_failures(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < 3; i++) {
        natsMsg_Destroy(ask(fixture, "rpc.dispatchtest.echo", ""));
        natsMsg_Destroy(ask(fixture, "rpc.dispatchtest.fail", ""));
    }
    AUTO(json_decref) json_t *before = wait_for_stats(fixture, 0, 3);
    AUTO(json_decref) json_t *json = wait_for_stats(fixture, 3, 3);
    check_common(fixture, json, "io.nats.micro.v1.stats_response");
    assert_int_equal(strlen(text_of(json, "started")), 24);

    const json_t *echo = json_array_get(json_object_get(before, "endpoints"), 0);
    assert_int_equal(int_of(echo, "num_errors"), 0);
    assert_string_equal(text_of(echo, "last_error"), "");
    assert_true(int_of(echo, "processing_time") > 0);
    assert_int_equal(int_of(echo, "average_processing_time"), int_of(echo, "processing_time") / 3);

    const json_t *failing = json_array_get(json_object_get(json, "endpoints"), 3);
    assert_int_equal(int_of(failing, "num_errors"), 3);
    assert_string_equal(text_of(failing, "last_error"), "500:Internal Server Error");
}

static void latency_is_measured_for_every_call(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < 5; i++)
        natsMsg_Destroy(ask(fixture, "rpc.dispatchtest.refuse", ""));
    dispatcher_drain(fixture->dispatcher);
    assert_int_equal(count_of(fixture, "endpoint=\"refuse\",class=\"4xx\""), 5);
    assert_int_equal(metric_value(metrics_histogram(fixture->metrics, "ttb_call_seconds", "",
                                                    "endpoint=\"refuse\"")),
                     5);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_call_is_answered_with_body_and_headers),
        TEST(a_refusal_carries_its_status_and_detail),
        TEST(a_reply_that_can_not_be_sent_becomes_a_500),
        TEST(a_full_queue_is_answered_with_503_at_once),
        TEST(draining_answers_every_call_that_was_sent),
        TEST(a_drained_service_has_no_responders),
        TEST(of_two_replicas_one_answers),
        TEST(of_two_replicas_both_answer_what_fans_out),
        TEST(a_service_answers_pings_to_all_to_its_name_and_to_its_id),
        TEST(a_service_tells_its_endpoints),
        TEST(a_service_counts_its_calls_and_failures),
        TEST(latency_is_measured_for_every_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
