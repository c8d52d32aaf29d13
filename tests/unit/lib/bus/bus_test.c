/* SPDX-License-Identifier: MIT */
#include "lib/bus/bus.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "lib/bus/stream.h"
#include "lib/bus/subscriptions.h"

#include "tests/support/servers.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOTHING ((struct slice){"", 0})
#define LONG_MS 20000

static struct bus *open_bus(const char *url, const char *name)
{
    const struct bus_options options = {.url = url, .name = name};
    struct bus *bus = NULL;
    assert_int_equal(bus_open(&options, &bus), STATUS_OK);
    return bus;
}

static natsMsg *make_message(const char *subject, const char *body)
{
    natsMsg *message = NULL;
    struct slice bytes = {body, strlen(body)};
    assert_int_equal(bus_message(subject, NULL, NULL, 0, bytes, &message), STATUS_OK);
    return message;
}

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

static void stay_silent(natsConnection *connection, natsSubscription *subscription,
                        natsMsg *message, void *closure)
{
    (void)connection;
    (void)subscription;
    natsMsg_Destroy(message);
    if (closure)
        atomic_fetch_add((atomic_int *)closure, 1);
}

static struct subscriptions *serve(struct bus *bus, const char *subject, natsMsgHandler callback,
                                   void *closure)
{
    struct subscriptions *subscriptions = subscriptions_new(bus);
    assert_int_equal(subscriptions_add(subscriptions, subject, NULL, callback, closure), STATUS_OK);
    assert_int_equal(subscriptions_flush(subscriptions), STATUS_OK);
    return subscriptions;
}

/* ---- opening ---- */

static void an_open_bus_is_connected_and_has_an_id_of_its_own(void **state)
{
    (void)state;
    struct bus *one = open_bus(NATS_URL, "one");
    struct bus *other = open_bus(NATS_URL, "other");
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
    struct bus *bus = open_bus(NATS_URL, "asker");
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
    struct bus *bus = open_bus(NATS_URL, "asker");
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
    struct bus *bus = open_bus(NATS_URL, "asker");
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
    struct bus *bus = open_bus(NATS_URL, "asker");
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
    struct bus *bus = open_bus(NATS_URL, "asker");
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

struct server {
    char url[64];
    int port;
    pid_t pid;
};

static int free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    close(listener);
    return ntohs(address.sin_port);
}

/* A nats-server that the test may end. */
static void start_server(struct server *server)
{
    char port[16];
    snprintf(port, sizeof(port), "%d", server->port);
    server->pid = fork();
    assert_true(server->pid >= 0);
    if (server->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* a failed test leaves no server behind */
        execlp("nats-server", "nats-server", "-a", "127.0.0.1", "-p", port, "-l", "/dev/null",
               NULL);
        _exit(127);
    }
}

static void stop_server(struct server *server)
{
    kill(server->pid, SIGKILL);
    waitpid(server->pid, NULL, 0);
}

static struct bus *open_patiently(const struct server *server)
{
    const struct bus_options options = {.url = server->url, .name = "test"};
    struct bus *bus = NULL;
    int64_t until_ms = clock_mono_ms() + LONG_MS;
    while (bus_open(&options, &bus) != STATUS_OK && clock_mono_ms() < until_ms)
        clock_sleep_ms(20);
    assert_non_null(bus);
    return bus;
}

static void wait_for_connection(const struct bus *bus, bool wanted)
{
    int64_t until_ms = clock_mono_ms() + LONG_MS;
    while (bus_is_connected(bus) != wanted && clock_mono_ms() < until_ms)
        clock_sleep_ms(5);
    assert_int_equal(bus_is_connected(bus), wanted);
}

static void *kill_server_soon(void *closure)
{
    clock_sleep_ms(100);
    stop_server(closure);
    return NULL;
}

static void a_lost_server_is_unavailable_until_it_is_back(void **state)
{
    (void)state;
    struct server server = {.port = free_port()};
    snprintf(server.url, sizeof(server.url), "nats://127.0.0.1:%d", server.port);
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
    struct server server = {.port = free_port()};
    snprintf(server.url, sizeof(server.url), "nats://127.0.0.1:%d", server.port);
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
    struct server server = {.port = free_port()};
    snprintf(server.url, sizeof(server.url), "nats://127.0.0.1:%d", server.port);
    start_server(&server);
    struct bus *bus = open_patiently(&server);
    struct subscriptions *service = serve(bus, "bustest.silent", stay_silent, NULL);
    stop_server(&server);
    wait_for_connection(bus, false);
    subscriptions_free(service);
    bus_close(bus);
}

/* ---- JetStream ---- */

static const struct stream test_stream = {
    .name = "BUSTEST",
    .subjects = "bustest.stored.>",
    .keep_ms = 60000,
    .max_per_subject = 1000,
    .max_bytes = 1024 * 1024,
};

static struct bus *open_with_stream(void)
{
    struct bus *bus = open_bus(NATS_URL, "publisher");
    assert_int_equal(stream_ensure(bus, &test_stream), STATUS_OK);
    return bus;
}

static void close_with_stream(struct bus *bus)
{
    assert_int_equal(js_DeleteStream(bus_jetstream(bus), test_stream.name, NULL, NULL), NATS_OK);
    bus_close(bus);
}

static uint64_t count_stored(struct bus *bus)
{
    jsStreamInfo *info = NULL;
    assert_int_equal(js_GetStreamInfo(&info, bus_jetstream(bus), test_stream.name, NULL, NULL),
                     NATS_OK);
    uint64_t count = info->State.Msgs;
    jsStreamInfo_Destroy(info);
    return count;
}

static struct bus_event make_event(const char *subject, const char *id)
{
    return (struct bus_event){subject, id, {"{}", 2}};
}

static void a_stream_is_made_as_described_and_then_left_alone(void **state)
{
    (void)state;
    struct bus *bus = open_with_stream();
    struct stream other = test_stream;
    other.keep_ms = 1000;
    assert_int_equal(stream_ensure(bus, &other), STATUS_OK);
    jsStreamInfo *info = NULL;
    assert_int_equal(js_GetStreamInfo(&info, bus_jetstream(bus), "BUSTEST", NULL, NULL), NATS_OK);
    assert_string_equal(info->Config->Subjects[0], "bustest.stored.>");
    assert_int_equal(info->Config->SubjectsLen, 1);
    assert_int_equal(info->Config->MaxAge, 60000 * INT64_C(1000000));
    assert_int_equal(info->Config->MaxMsgsPerSubject, 1000);
    assert_int_equal(info->Config->MaxBytes, 1024 * 1024);
    assert_int_equal(info->Config->Storage, js_FileStorage);
    assert_int_equal(info->Config->Discard, js_DiscardOld);
    jsStreamInfo_Destroy(info);
    close_with_stream(bus);
}

static void an_id_is_stored_once(void **state)
{
    (void)state;
    struct bus *bus = open_with_stream();
    const struct bus_event events[] = {
        make_event("bustest.stored.x", "id-1"),
        make_event("bustest.stored.x", "id-2"),
        make_event("bustest.stored.x", "id-1"),
    };
    for (int i = 0; i < 3; i++)
        assert_int_equal(bus_publish_batch(bus, events, ARRAY_LEN(events), LONG_MS), STATUS_OK);
    assert_int_equal(count_stored(bus), 2);
    close_with_stream(bus);
}

static void a_batch_is_stored_in_its_order(void **state)
{
    (void)state;
    enum { EVENTS = 500 };
    static char ids[EVENTS][16];
    static struct bus_event events[EVENTS];
    struct bus *bus = open_with_stream();
    for (int i = 0; i < EVENTS; i++) {
        snprintf(ids[i], sizeof(ids[i]), "%d", i);
        events[i] = (struct bus_event){"bustest.stored.x", ids[i], {ids[i], strlen(ids[i])}};
    }
    assert_int_equal(bus_publish_batch(bus, events, EVENTS, LONG_MS), STATUS_OK);
    assert_int_equal(count_stored(bus), EVENTS);
    for (int i = 0; i < EVENTS; i += 71) {
        AUTO(natsMsg_Destroy) natsMsg *stored = NULL;
        assert_int_equal(
            js_GetMsg(&stored, bus_jetstream(bus), test_stream.name, (uint64_t)i + 1, NULL, NULL),
            NATS_OK);
        assert_string_equal(natsMsg_GetData(stored), ids[i]);
    }
    close_with_stream(bus);
}

static void a_batch_fails_when_one_of_it_is_not_taken(void **state)
{
    (void)state;
    struct bus *bus = open_with_stream();
    const struct bus_event events[] = {
        make_event("bustest.stored.x", "a"),
        make_event("bustest.lost", "b"), /* no stream takes it */
        make_event("bustest.stored.x", "c"),
    };
    assert_int_equal(bus_publish_batch(bus, events, 3, LONG_MS), STATUS_UNAVAILABLE);
    assert_int_equal(bus_publish_batch(bus, &events[2], 1, LONG_MS), STATUS_OK);
    assert_int_equal(count_stored(bus), 2);
    close_with_stream(bus);
}

static void a_batch_fails_when_the_stream_refuses_one(void **state)
{
    (void)state;
    static const char long_body[] = "{\"text\":\"far longer, headers and all, than what this "
                                    "little stream would ever want to take\"}";
    struct bus *bus = open_bus(NATS_URL, "publisher");
    jsStreamConfig config;
    jsStreamConfig_Init(&config);
    config.Name = test_stream.name;
    config.Subjects = (const char *[]){test_stream.subjects};
    config.SubjectsLen = 1;
    config.MaxMsgSize = 64; /* with the headers */
    assert_int_equal(js_AddStream(NULL, bus_jetstream(bus), &config, NULL, NULL), NATS_OK);
    const struct bus_event events[] = {
        make_event("bustest.stored.x", "a"),
        {"bustest.stored.x", "b", {long_body, sizeof(long_body) - 1}},
    };
    assert_int_equal(bus_publish_batch(bus, events, 2, LONG_MS), STATUS_UNAVAILABLE);
    assert_int_equal(bus_publish_batch(bus, events, 1, LONG_MS), STATUS_OK);
    assert_int_equal(count_stored(bus), 1);
    close_with_stream(bus);
}

/* Takes messages, but acknowledges none; the batch after it is not held responsible. */
static void a_batch_without_acknowledgements_fails_in_time(void **state)
{
    (void)state;
    struct bus *bus = open_with_stream();
    struct subscriptions *silence = serve(bus, "bustest.silent", stay_silent, NULL);
    const struct bus_event unanswered = make_event("bustest.silent", "a");
    const struct bus_event good = make_event("bustest.stored.x", "b");
    assert_int_equal(bus_publish_batch(bus, &unanswered, 1, 50), STATUS_UNAVAILABLE);
    assert_int_equal(bus_publish_batch(bus, &good, 1, LONG_MS), STATUS_OK);
    subscriptions_free(silence);
    close_with_stream(bus);
}

/* ---- closing ---- */

static void what_was_published_before_closing_arrives(void **state)
{
    (void)state;
    atomic_int received = 0;
    struct bus *reader = open_bus(NATS_URL, "reader");
    struct subscriptions *service = serve(reader, "bustest.silent", stay_silent, &received);
    struct bus *writer = open_bus(NATS_URL, "writer");
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
        cmocka_unit_test(a_stream_is_made_as_described_and_then_left_alone),
        cmocka_unit_test(an_id_is_stored_once),
        cmocka_unit_test(a_batch_is_stored_in_its_order),
        cmocka_unit_test(a_batch_fails_when_one_of_it_is_not_taken),
        cmocka_unit_test(a_batch_fails_when_the_stream_refuses_one),
        cmocka_unit_test(a_batch_without_acknowledgements_fails_in_time),
        cmocka_unit_test(what_was_published_before_closing_arrives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
