/* SPDX-License-Identifier: MIT */
/* lib/api/server and lib/api/client, which is its other end, on a real NATS. */
#include "lib/api/server.h"

#include "lib/api/client.h"
#include "lib/base/clock.h"
#include "tests/support/servers.h"

#include <semaphore.h>
#include <stdatomic.h>
#include <unistd.h>

#define LONG_MS 20000
#define INBOX "apitest.inbox"
#define HUGE_BYTES (BUS_REPLY_MAX_BYTES + 1)
#define HALF_BYTES (600 * 1024) /* of what a list of errors may hold */
#define SUBJECT_GREET "rpc.apitest.greet"
#define SUBJECT_WAIT "rpc.apitest.wait"
#define USER "0190a1b2-c3d4-7e5f-8a9b-abcdef012345"
#define TRACE "4bf92f3577b34da6a3ce929d0e0e4736"
#define SECRET_REASON "relation auth.users does not exist"

/* ---- the service: what greet does, the request asks for ---- */

struct greet_request {
    const char *name;
    const char *how;
};
struct greet_reply {
    const char *greeting;
    const char *user;
    const char *address;
    const char *request_id;
    const char *trace_id;
};

static const struct field request_fields[] = {
    {.name = "name",
     .offset = offsetof(struct greet_request, name),
     .required = true,
     .min = &(const int64_t){2}},
    {.name = "how", .offset = offsetof(struct greet_request, how), .required = true},
};
static const struct message request_message = {.name = "greet_request",
                                               .size = sizeof(struct greet_request),
                                               .fields = request_fields,
                                               .count = 2,
                                               .has_body = true};

#define REPLY_FIELD(member)                                                                        \
    {                                                                                              \
        .name = #member, .offset = offsetof(struct greet_reply, member)                            \
    }
static const struct field reply_fields[] = {
    REPLY_FIELD(greeting),   REPLY_FIELD(user),     REPLY_FIELD(address),
    REPLY_FIELD(request_id), REPLY_FIELD(trace_id),
};
static const struct message reply_message = {.name = "greet_reply",
                                             .size = sizeof(struct greet_reply),
                                             .fields = reply_fields,
                                             .count = ARRAY_LEN(reply_fields)};

struct fixture {
    struct bus *server_bus;
    struct bus *client_bus;
    struct metrics *metrics;
    struct api_server *server;
    struct arena *arena; /* the client's */
    sem_t entered;       /* a call is in the handler of wait */
    sem_t gate;          /* lets one of them out */
    atomic_int greeted;
};

static const char *huge_text(struct arena *arena, size_t size)
{
    char *text = arena_alloc(arena, size + 1);
    memset(text, 'x', size);
    return text;
}

static enum status fail_as(struct call *call, const char *how)
{
    if (strcmp(how, "conflict") == 0)
        return call_fail(call, STATUS_CONFLICT, "name \"taken\"");
    if (strcmp(how, "internal") == 0)
        return call_fail(call, STATUS_INTERNAL, SECRET_REASON);
    if (strcmp(how, "too many") == 0)
        return call_fail_retry(call, STATUS_TOO_MANY, "slow down", 30);
    if (strcmp(how, "away") == 0)
        return call_fail(call, STATUS_UNAVAILABLE, NULL);
    if (strcmp(how, "bad") == 0)
        return STATUS_INVALID;
    return call_fail(call, STATUS_INVALID, "no such way");
}

static enum status handle_greet(struct call *call, const void *input, void *output)
{
    const struct greet_request *in = input;
    struct greet_reply *out = output;
    const struct fixture *fixture = call->app;
    atomic_fetch_add((atomic_int *)&fixture->greeted, 1);
    call_add_header(call, "Kind", "greeting");
    if (strcmp(in->how, "huge") == 0) {
        out->greeting = huge_text(call->arena, HUGE_BYTES);
        return STATUS_OK;
    }
    if (*in->how)
        return fail_as(call, in->how);
    out->greeting = arena_printf(call->arena, "hello %s", in->name);
    out->user = call->caller.user_id;
    out->address = call->caller.address;
    out->request_id = call->log.request_id;
    out->trace_id = call->log.trace_id;
    return STATUS_OK;
}

static enum status handle_wait(struct call *call, const void *input, void *output)
{
    struct fixture *fixture = (struct fixture *)call->app;
    sem_post(&fixture->entered);
    sem_wait(&fixture->gate);
    return handle_greet(call, input, output);
}

static const struct api_endpoint endpoints[] = {
    {"greet", SUBJECT_GREET, API_POOL_HASH, &request_message, &reply_message, handle_greet, false},
    {"wait", SUBJECT_WAIT, API_POOL_IO, &request_message, &reply_message, handle_wait, false},
};
static const struct api_service service = {"apitest", endpoints, ARRAY_LEN(endpoints)};

/* ---- fixture ---- */

static struct bus *open_bus(const char *name)
{
    const struct bus_options options = {.url = NATS_URL, .name = name};
    struct bus *bus = NULL;
    assert_int_equal(bus_open(&options, &bus), STATUS_OK);
    return bus;
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    fixture->server_bus = open_bus("apitest");
    fixture->client_bus = open_bus("client");
    fixture->metrics = metrics_new();
    fixture->arena = arena_new(8 * 1024 * 1024);
    sem_init(&fixture->entered, 0, 0);
    sem_init(&fixture->gate, 0, 0);
    const struct api_server_options options = {
        .service = &service,
        .version = "1.2.3",
        .bus = fixture->server_bus,
        .app = fixture,
        .workers = {[API_POOL_IO] = 1, [API_POOL_HASH] = 1},
        .queue_max = {[API_POOL_IO] = 1, [API_POOL_HASH] = 16},
        .metrics = fixture->metrics,
    };
    assert_int_equal(api_server_start(&options, &fixture->server), STATUS_OK);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    api_server_stop(fixture->server);
    bus_close(fixture->server_bus);
    bus_close(fixture->client_bus);
    metrics_free(fixture->metrics);
    arena_free(fixture->arena);
    sem_destroy(&fixture->entered);
    sem_destroy(&fixture->gate);
    free(fixture);
    return 0;
}

static struct call make_call(struct fixture *fixture)
{
    return (struct call){
        .arena = fixture->arena,
        .bus = fixture->client_bus,
        .caller = {.user_id = USER, .address = "192.0.2.7"},
        .log = {.request_id = "r-1"},
        .traceparent = "00-" TRACE "-00f067aa0ba902b7-01",
        .deadline_ms = clock_wall_ms() + LONG_MS,
    };
}

static natsMsg *make_message(const char *subject, const char *inbox,
                             const struct bus_header *header, const char *body)
{
    natsMsg *message = NULL;
    struct slice bytes = {body, strlen(body)};
    assert_int_equal(bus_message(subject, inbox, header, header ? 1 : 0, bytes, &message),
                     STATUS_OK);
    return message;
}

static natsMsg *ask(struct fixture *fixture, const char *body)
{
    natsMsg *reply = NULL;
    assert_int_equal(bus_request(fixture->client_bus, make_message(SUBJECT_GREET, NULL, NULL, body),
                                 clock_wall_ms() + LONG_MS, &reply),
                     STATUS_OK);
    return reply;
}

static natsMsg *ask_how(struct fixture *fixture, const char *how)
{
    return ask(fixture, arena_printf(fixture->arena, "{\"name\":\"ann\",\"how\":\"%s\"}", how));
}

static natsSubscription *open_inbox(struct fixture *fixture)
{
    natsSubscription *inbox = NULL;
    natsConnection *connection = bus_connection(fixture->client_bus);
    assert_int_equal(natsConnection_SubscribeSync(&inbox, connection, INBOX), NATS_OK);
    return inbox;
}

static void send_to(struct fixture *fixture, const char *subject, const struct bus_header *header)
{
    natsMsg *message = make_message(subject, INBOX, header, "{\"name\":\"ann\",\"how\":\"\"}");
    assert_int_equal(bus_publish(fixture->client_bus, message), STATUS_OK);
}

static natsMsg *next_reply(natsSubscription *inbox)
{
    natsMsg *reply = NULL;
    assert_int_equal(natsSubscription_NextMsg(&reply, inbox, LONG_MS), NATS_OK);
    return reply;
}

static void check_reply(natsMsg *reply, const char *status, const char *body)
{
    assert_string_equal(natsMsg_GetData(reply), body);
    const char *header = bus_header_get(reply, BUS_STATUS_HEADER);
    assert_string_equal(header ? header : "200", status);
}

/* ---- replies ---- */

static void a_good_call_is_answered_with_the_encoded_reply(void **state)
{
    AUTO(natsMsg_Destroy) natsMsg *reply = ask_how(*state, "");
    check_reply(reply, "200", "{\"greeting\":\"hello ann\"}");
    assert_string_equal(bus_header_get(reply, "Kind"), "greeting");
    assert_null(bus_header_get(reply, "Retry-After"));
}

static void a_request_that_does_not_fit_is_answered_with_the_list(void **state)
{
    AUTO(natsMsg_Destroy) natsMsg *reply = ask(*state, "{\"name\":\"a\"}");
    check_reply(reply, "422",
                "{\"detail\":[{\"type\":\"string_too_short\",\"loc\":[\"body\",\"name\"],"
                "\"msg\":\"String should have at least 2 characters\",\"input\":\"a\","
                "\"ctx\":{\"min_length\":2}},{\"type\":\"missing\",\"loc\":[\"body\",\"how\"],"
                "\"msg\":\"Field required\",\"input\":{\"name\":\"a\"}}]}");
    assert_int_equal(((struct fixture *)*state)->greeted, 0);
}

static void a_list_too_long_for_a_reply_becomes_a_plain_detail(void **state)
{
    struct fixture *fixture = *state;
    const char *body =
        arena_printf(fixture->arena, "{\"rest\":\"%s\"}", huge_text(fixture->arena, HALF_BYTES));
    AUTO(natsMsg_Destroy) natsMsg *reply = ask(fixture, body);
    check_reply(reply, "422", "{\"detail\":\"Unprocessable Entity\"}");
}

static void a_refusal_shows_its_detail_and_headers(void **state)
{
    AUTO(natsMsg_Destroy) natsMsg *reply = ask_how(*state, "conflict");
    check_reply(reply, "409", "{\"detail\":\"name \\\"taken\\\"\"}");
    assert_string_equal(bus_header_get(reply, "Kind"), "greeting");
    assert_null(bus_header_get(reply, "Retry-After"));
}

static void a_handlers_own_422_has_a_text_for_its_detail(void **state)
{
    AUTO(natsMsg_Destroy) natsMsg *told = ask_how(*state, "worse");
    check_reply(told, "422", "{\"detail\":\"no such way\"}");
    AUTO(natsMsg_Destroy) natsMsg *untold = ask_how(*state, "bad");
    check_reply(untold, "422", "{\"detail\":\"Unprocessable Entity\"}");
}

static void a_wait_that_is_asked_for_is_in_retry_after(void **state)
{
    AUTO(natsMsg_Destroy) natsMsg *reply = ask_how(*state, "too many");
    check_reply(reply, "429", "{\"detail\":\"slow down\"}");
    assert_string_equal(bus_header_get(reply, "Retry-After"), "30");
}

static void an_unavailable_service_asks_for_a_second(void **state)
{
    AUTO(natsMsg_Destroy) natsMsg *reply = ask_how(*state, "away");
    check_reply(reply, "503", "{\"detail\":\"Service Unavailable\"}");
    assert_string_equal(bus_header_get(reply, "Retry-After"), "1");
}

static void a_reply_too_large_to_send_is_an_internal_fault(void **state)
{
    AUTO(natsMsg_Destroy) natsMsg *huge = ask_how(*state, "huge");
    check_reply(huge, "500", "{\"detail\":\"Internal Server Error\"}");
    AUTO(natsMsg_Destroy) natsMsg *next = ask_how(*state, "");
    check_reply(next, "200", "{\"greeting\":\"hello ann\"}");
}

static void our_own_fault_is_told_to_the_log_and_not_to_the_client(void **state)
{
    struct fixture *fixture = *state;
    FILE *log = tmpfile();
    int saved = dup(STDERR_FILENO);
    assert_true(log && saved >= 0 && dup2(fileno(log), STDERR_FILENO) >= 0);

    AUTO(natsMsg_Destroy) natsMsg *reply = ask_how(fixture, "internal");
    api_server_stop(TAKE(fixture->server)); /* after it the line is there */

    char line[LOG_LINE_MAX] = "";
    rewind(log);
    size_t size = fread(line, 1, sizeof(line) - 1, log);
    dup2(saved, STDERR_FILENO);
    close(saved);
    fclose(log);
    assert_true(size > 0);
    check_reply(reply, "500", "{\"detail\":\"Internal Server Error\"}");
    assert_non_null(strstr(line, "\"level\":\"error\""));
    assert_non_null(strstr(line, "\"reason\":\"" SECRET_REASON "\""));
    assert_non_null(strstr(line, "\"subject\":\"" SUBJECT_GREET "\""));
}

/* ---- load and time ---- */

static void a_full_pool_answers_503_and_leaves_the_others_alone(void **state)
{
    struct fixture *fixture = *state;
    AUTO(natsSubscription_Destroy) natsSubscription *inbox = open_inbox(fixture);
    send_to(fixture, SUBJECT_WAIT, NULL);
    sem_wait(&fixture->entered); /* the worker is taken, the queue is empty */
    send_to(fixture, SUBJECT_WAIT, NULL);
    send_to(fixture, SUBJECT_WAIT, NULL);

    AUTO(natsMsg_Destroy) natsMsg *refused = next_reply(inbox);
    check_reply(refused, "503", "{\"detail\":\"Service Unavailable\"}");
    assert_string_equal(bus_header_get(refused, "Retry-After"), "1");
    AUTO(natsMsg_Destroy) natsMsg *other = ask_how(fixture, "");
    check_reply(other, "200", "{\"greeting\":\"hello ann\"}");

    for (int i = 0; i < 2; i++) {
        sem_post(&fixture->gate);
        AUTO(natsMsg_Destroy) natsMsg *waited = next_reply(inbox);
        check_reply(waited, "200", "{\"greeting\":\"hello ann\"}");
    }
}

static void a_call_past_its_deadline_is_dropped(void **state)
{
    struct fixture *fixture = *state;
    AUTO(natsSubscription_Destroy) natsSubscription *inbox = open_inbox(fixture);
    const struct bus_header late = {CALL_HEADER_DEADLINE, "1000"};
    send_to(fixture, SUBJECT_GREET, &late);
    AUTO(natsMsg_Destroy) natsMsg *next = ask_how(fixture, ""); /* by the same one worker */
    check_reply(next, "200", "{\"greeting\":\"hello ann\"}");
    assert_int_equal(fixture->greeted, 1);

    assert_int_equal(natsConnection_Flush(bus_connection(fixture->client_bus)), NATS_OK);
    uint64_t waiting = 0;
    assert_int_equal(natsSubscription_QueuedMsgs(inbox, &waiting), NATS_OK);
    assert_int_equal(waiting, 0);
}

static void a_deadline_that_is_no_time_counts_as_absent(void **state)
{
    struct fixture *fixture = *state;
    AUTO(natsSubscription_Destroy) natsSubscription *inbox = open_inbox(fixture);
    static const char *const deadlines[] = {"soon", "-1", "99999999999999999999"};
    for (size_t i = 0; i < ARRAY_LEN(deadlines); i++) {
        const struct bus_header header = {CALL_HEADER_DEADLINE, deadlines[i]};
        send_to(fixture, SUBJECT_GREET, &header);
        AUTO(natsMsg_Destroy) natsMsg *reply = next_reply(inbox);
        check_reply(reply, "200", "{\"greeting\":\"hello ann\"}");
    }
}

static void stopping_answers_what_was_accepted(void **state)
{
    struct fixture *fixture = *state;
    AUTO(natsSubscription_Destroy) natsSubscription *inbox = open_inbox(fixture);
    send_to(fixture, SUBJECT_WAIT, NULL);
    sem_wait(&fixture->entered);
    send_to(fixture, SUBJECT_WAIT, NULL);
    assert_int_equal(natsConnection_Flush(bus_connection(fixture->client_bus)), NATS_OK);
    sem_post(&fixture->gate);
    sem_post(&fixture->gate);
    api_server_stop(TAKE(fixture->server));
    for (int i = 0; i < 2; i++) {
        AUTO(natsMsg_Destroy) natsMsg *reply = next_reply(inbox);
        check_reply(reply, "200", "{\"greeting\":\"hello ann\"}");
    }
}

/* ---- calls by another service ---- */

static void a_service_passes_its_caller_and_trace_on(void **state)
{
    struct call call = make_call(*state);
    const struct greet_request in = {"bob", ""};
    struct greet_reply out = {0};
    assert_int_equal(api_request(&call, SUBJECT_GREET, &request_message, &in, &reply_message, &out),
                     STATUS_OK);
    assert_string_equal(out.greeting, "hello bob");
    assert_string_equal(out.user, USER);
    assert_string_equal(out.address, "192.0.2.7");
    assert_string_equal(out.request_id, "r-1");
    assert_string_equal(out.trace_id, TRACE);
}

static void a_service_gets_the_others_failure_with_its_text(void **state)
{
    static const struct {
        const char *how;
        enum status status;
        const char *text;
    } rows[] = {
        {"conflict", STATUS_CONFLICT, "name \"taken\""},
        {"internal", STATUS_INTERNAL, "Internal Server Error"},
        {"away", STATUS_UNAVAILABLE, "Service Unavailable"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct call call = make_call(*state);
        const struct greet_request in = {"bob", rows[i].how};
        struct greet_reply out = {0};
        assert_int_equal(
            api_request(&call, SUBJECT_GREET, &request_message, &in, &reply_message, &out),
            rows[i].status);
        assert_string_equal(call.error, rows[i].text);
    }
}

static void a_subject_that_nobody_serves_is_unavailable(void **state)
{
    struct call call = make_call(*state);
    const struct greet_request in = {"bob", ""};
    struct greet_reply out = {0};
    assert_int_equal(
        api_request(&call, "rpc.apitest.none", &request_message, &in, &reply_message, &out),
        STATUS_UNAVAILABLE);
}

static void a_call_that_is_late_is_not_sent_on(void **state)
{
    struct fixture *fixture = *state;
    struct call call = make_call(fixture);
    call.deadline_ms = 1000;
    const struct greet_request in = {"bob", ""};
    struct greet_reply out = {0};
    assert_int_equal(api_request(&call, SUBJECT_GREET, &request_message, &in, &reply_message, &out),
                     STATUS_TIMEOUT);
    assert_int_equal(fixture->greeted, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    log_start("apitest", LOG_LEVEL_ERROR);
    const struct CMUnitTest tests[] = {
        TEST(a_good_call_is_answered_with_the_encoded_reply),
        TEST(a_request_that_does_not_fit_is_answered_with_the_list),
        TEST(a_list_too_long_for_a_reply_becomes_a_plain_detail),
        TEST(a_refusal_shows_its_detail_and_headers),
        TEST(a_handlers_own_422_has_a_text_for_its_detail),
        TEST(a_wait_that_is_asked_for_is_in_retry_after),
        TEST(an_unavailable_service_asks_for_a_second),
        TEST(a_reply_too_large_to_send_is_an_internal_fault),
        TEST(our_own_fault_is_told_to_the_log_and_not_to_the_client),
        TEST(a_full_pool_answers_503_and_leaves_the_others_alone),
        TEST(a_call_past_its_deadline_is_dropped),
        TEST(a_deadline_that_is_no_time_counts_as_absent),
        TEST(stopping_answers_what_was_accepted),
        TEST(a_service_passes_its_caller_and_trace_on),
        TEST(a_service_gets_the_others_failure_with_its_text),
        TEST(a_subject_that_nobody_serves_is_unavailable),
        TEST(a_call_that_is_late_is_not_sent_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
