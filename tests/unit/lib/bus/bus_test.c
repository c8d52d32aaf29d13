/* SPDX-License-Identifier: MIT */
#include "lib/bus/bus.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"

#include "tests/unit/lib/bus/server.h"

#include <pthread.h>

#define NOTHING ((struct slice){"", 0})

/* ---- a service that sends back what it gets; in reply to "?", where the reply goes ---- */

static void echo(natsConnection *connection, natsSubscription *subscription, natsMsg *message,
                 void *closure)
{
    (void)connection;
    (void)subscription;
    AUTO(natsMsg_Destroy) natsMsg *request = message;
    const char *body = natsMsg_GetData(request);
    natsMsg *reply = make_message(natsMsg_GetReply(request),
                                  text_equal(body, "?") ? natsMsg_GetReply(request) : body);
    if (bus_publish(closure, reply) != STATUS_OK)
        abort();
}

/* ---- opening ---- */

static void an_open_bus_is_connected_and_has_an_id_of_its_own(void **state)
{
    (void)state;
    struct bus *one = open_bus("one");
    struct bus *other = open_bus("other");
    assert_true(bus_is_connected(one));
    assert_int_equal(strlen(bus_id(one)), 22);
    assert_string_not_equal(bus_id(one), bus_id(other));
    bus_close(one);
    bus_close(other);
}

static void a_wrong_password_is_forbidden(void **state)
{
    (void)state;
    const struct bus_options options = {
        .url = NATS_URL, .name = "test", .user = "test", .password = "wrong"};
    struct bus *bus = NULL;
    assert_int_equal(bus_open(&options, &bus), STATUS_FORBIDDEN);
    assert_null(bus);
}

static void a_server_that_is_not_there_is_unavailable(void **state)
{
    (void)state;
    const struct bus_options options = {.url = "nats://127.0.0.1:1", .name = "test"};
    struct bus *bus = NULL;
    assert_int_equal(bus_open(&options, &bus), STATUS_UNAVAILABLE);
    assert_null(bus);
}

/* ---- messages ---- */

static void headers_are_found_again_but_those_without_a_value(void **state)
{
    (void)state;
    const struct bus_header headers[] = {{"A", "1"}, {"B", NULL}, {"C", ""}};
    AUTO(natsMsg_Destroy) natsMsg *message = NULL;
    assert_int_equal(bus_message("s", NULL, headers, 3, NOTHING, &message), STATUS_OK);
    assert_string_equal(bus_header_get(message, "A"), "1");
    assert_null(bus_header_get(message, "B"));
    assert_string_equal(bus_header_get(message, "C"), "");
    assert_null(bus_header_get(message, "D"));
}

static void a_header_that_would_make_others_is_invalid(void **state)
{
    (void)state;
    const struct bus_header bad[] = {
        {"A", "1\r\nB: 2"}, {"A", "1\n"}, {"A\r", "1"}, {"A: 1", "1"}, {"", "1"}};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        natsMsg *message = NULL;
        assert_int_equal(bus_message("s", NULL, &bad[i], 1, NOTHING, &message), STATUS_INVALID);
        assert_null(message);
    }
}

/* ---- requests ---- */

static void a_request_is_answered_in_an_inbox_of_this_process(void **state)
{
    (void)state;
    struct bus *bus = open_bus("asker");
    struct subscriptions *service = serve(bus, "bustest.echo", echo, bus);
    AUTO(natsMsg_Destroy) natsMsg *reply = NULL;
    assert_int_equal(
        bus_request(bus, make_message("bustest.echo", "?"), clock_wall_ms() + LONG_MS, &reply),
        STATUS_OK);
    char prefix[128];
    snprintf(prefix, sizeof(prefix), "_INBOX.asker.%s.", bus_id(bus));
    assert_true(text_starts_with(natsMsg_GetData(reply), prefix));
    subscriptions_free(service);
    bus_close(bus);
}

static void a_request_that_nobody_serves_fails_at_once(void **state)
{
    (void)state;
    struct bus *bus = open_bus("asker");
    AUTO(natsMsg_Destroy) natsMsg *reply = NULL;
    assert_int_equal(
        bus_request(bus, make_message("bustest.nobody", ""), clock_wall_ms() + LONG_MS, &reply),
        STATUS_UNAVAILABLE);
    assert_null(reply);
    bus_close(bus);
}

static void a_request_without_an_answer_ends_at_its_deadline(void **state)
{
    (void)state;
    struct bus *bus = open_bus("asker");
    struct subscriptions *service = serve(bus, "bustest.silent", stay_silent, NULL);
    AUTO(natsMsg_Destroy) natsMsg *reply = NULL;
    int64_t deadline_ms = clock_wall_ms() + 50;
    assert_int_equal(bus_request(bus, make_message("bustest.silent", ""), deadline_ms, &reply),
                     STATUS_TIMEOUT);
    assert_true(clock_wall_ms() >= deadline_ms);
    subscriptions_free(service);
    bus_close(bus);
}

static void a_request_past_its_deadline_is_not_sent(void **state)
{
    (void)state;
    atomic_int received = 0;
    struct bus *bus = open_bus("asker");
    struct subscriptions *service = serve(bus, "bustest.silent", stay_silent, &received);
    AUTO(natsMsg_Destroy) natsMsg *reply = NULL;
    assert_int_equal(
        bus_request(bus, make_message("bustest.silent", ""), clock_wall_ms() - 1, &reply),
        STATUS_TIMEOUT);
    subscriptions_free(service); /* sees all that was sent before it returns */
    assert_int_equal(received, 0);
    bus_close(bus);
}

struct asker {
    struct bus *bus;
    int number;
    bool ok;
};

static void *ask_a_hundred_times(void *closure)
{
    struct asker *asker = closure;
    asker->ok = true;
    for (int i = 0; i < 100; i++) {
        char body[32];
        snprintf(body, sizeof(body), "%d/%d", asker->number, i);
        AUTO(natsMsg_Destroy) natsMsg *reply = NULL;
        enum status status = bus_request(asker->bus, make_message("bustest.echo", body),
                                         clock_wall_ms() + LONG_MS, &reply);
        asker->ok &= status == STATUS_OK && text_equal(natsMsg_GetData(reply), body);
    }
    return NULL;
}

static void requests_of_many_threads_get_their_own_replies(void **state)
{
    (void)state;
    struct bus *bus = open_bus("asker");
    struct subscriptions *service = serve(bus, "bustest.echo", echo, bus);
    struct asker askers[8];
    pthread_t threads[ARRAY_LEN(askers)];
    for (size_t i = 0; i < ARRAY_LEN(askers); i++) {
        askers[i] = (struct asker){.bus = bus, .number = (int)i};
        assert_int_equal(pthread_create(&threads[i], NULL, ask_a_hundred_times, &askers[i]), 0);
    }
    for (size_t i = 0; i < ARRAY_LEN(askers); i++) {
        pthread_join(threads[i], NULL);
        assert_true(askers[i].ok);
    }
    subscriptions_free(service);
    bus_close(bus);
}

/* ---- losing the server ---- */

static void *kill_server_soon(void *closure)
{
    clock_sleep_ms(100);
    stop_server(closure);
    return NULL;
}

static void a_lost_server_is_unavailable_until_it_is_back(void **state)
{
    (void)state;
    struct server server = {.port = 0};
    start_server(&server);
    struct bus *bus = open_patiently(&server);
    atomic_int received = 0;
    struct subscriptions *service = serve(bus, "bustest.silent", stay_silent, &received);

    /* A request in flight fails when the server goes, long before its deadline. */
    pthread_t killer;
    assert_int_equal(pthread_create(&killer, NULL, kill_server_soon, &server), 0);
    AUTO(natsMsg_Destroy) natsMsg *reply = NULL;
    int64_t deadline_ms = clock_wall_ms() + LONG_MS;
    assert_int_equal(bus_request(bus, make_message("bustest.silent", ""), deadline_ms, &reply),
                     STATUS_UNAVAILABLE);
    assert_true(clock_wall_ms() < deadline_ms);
    pthread_join(killer, NULL);
    wait_for_connection(bus, false);

    assert_int_equal(bus_publish(bus, make_message("bustest.silent", "")), STATUS_UNAVAILABLE);
    assert_int_equal(
        bus_request(bus, make_message("bustest.silent", ""), clock_wall_ms() + LONG_MS, &reply),
        STATUS_UNAVAILABLE);

    /* It comes back with the subscription, and without what was published meanwhile. */
    start_server(&server);
    wait_for_connection(bus, true);
    atomic_store(&received, 0);
    assert_int_equal(bus_publish(bus, make_message("bustest.silent", "")), STATUS_OK);
    subscriptions_free(service);
    assert_int_equal(received, 1);
    bus_close(bus);
    stop_server(&server);
}

static void a_server_that_stops_reading_is_unavailable_before_memory_runs_out(void **state)
{
    (void)state;
    enum { MESSAGE_BYTES = 64 * 1024, MESSAGES_MAX = 1000 };
    static char body[MESSAGE_BYTES + 1];
    memset(body, 'x', MESSAGE_BYTES);
    struct server server = {.port = 0};
    start_server(&server);
    struct bus *bus = open_patiently(&server);
    assert_int_equal(kill(server.pid, SIGSTOP), 0);
    int sent = 0;
    while (sent < MESSAGES_MAX &&
           bus_publish(bus, make_message("bustest.flood", body)) == STATUS_OK)
        sent++;
    assert_in_range(sent, 8 * 1024 * 1024 / MESSAGE_BYTES - 1, MESSAGES_MAX - 1);
    assert_int_equal(kill(server.pid, SIGCONT), 0);
    bus_close(bus);
    stop_server(&server);
}

static void closing_works_without_a_server(void **state)
{
    (void)state;
    struct server server = {.port = 0};
    start_server(&server);
    struct bus *bus = open_patiently(&server);
    struct subscriptions *service = serve(bus, "bustest.silent", stay_silent, NULL);
    stop_server(&server);
    wait_for_connection(bus, false);
    subscriptions_free(service);
    bus_close(bus);
}

/* ---- closing ---- */

static void what_was_published_before_closing_arrives(void **state)
{
    (void)state;
    atomic_int received = 0;
    struct bus *reader = open_bus("reader");
    struct subscriptions *service = serve(reader, "bustest.silent", stay_silent, &received);
    struct bus *writer = open_bus("writer");
    for (int i = 0; i < 1000; i++)
        assert_int_equal(bus_publish(writer, make_message("bustest.silent", "x")), STATUS_OK);
    bus_close(writer);
    subscriptions_free(service);
    assert_int_equal(received, 1000);
    bus_close(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_open_bus_is_connected_and_has_an_id_of_its_own),
        cmocka_unit_test(a_wrong_password_is_forbidden),
        cmocka_unit_test(a_server_that_is_not_there_is_unavailable),
        cmocka_unit_test(headers_are_found_again_but_those_without_a_value),
        cmocka_unit_test(a_header_that_would_make_others_is_invalid),
        cmocka_unit_test(a_request_is_answered_in_an_inbox_of_this_process),
        cmocka_unit_test(a_request_that_nobody_serves_fails_at_once),
        cmocka_unit_test(a_request_without_an_answer_ends_at_its_deadline),
        cmocka_unit_test(a_request_past_its_deadline_is_not_sent),
        cmocka_unit_test(requests_of_many_threads_get_their_own_replies),
        cmocka_unit_test(a_lost_server_is_unavailable_until_it_is_back),
        cmocka_unit_test(a_server_that_stops_reading_is_unavailable_before_memory_runs_out),
        cmocka_unit_test(closing_works_without_a_server),
        cmocka_unit_test(what_was_published_before_closing_arrives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
