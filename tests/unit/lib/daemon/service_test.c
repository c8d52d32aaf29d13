/* SPDX-License-Identifier: MIT */
/* A service of tests: a call tells a number, and whoever hears a number tells the one below it. */
#include "lib/daemon/service.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "lib/bus/stream.h"
#include "tests/support/servers.h"

#define NAME "servicetest"
#define LONG_MS 20000

PG_QUERY(servicetest_tell, "insert into servicetest.outbox (what, body)\n"
                           "select 'number', jsonb_build_object('n', $1::int) where $1::int >= 0");
PG_QUERY(servicetest_hear, "insert into servicetest.heard (n) values ($1)");
PG_QUERY(servicetest_tidy, "delete from servicetest.litter");

struct number {
    int64_t n;
};

static const struct field fields[] = {
    {.name = "n", .type = FIELD_INT, .offset = offsetof(struct number, n), .required = true},
};
static const struct message number_message = {.name = "number",
                                              .size = sizeof(struct number),
                                              .fields = fields,
                                              .count = 1,
                                              .has_body = true};

static enum status tell(struct call *call, int64_t n)
{
    call_announce(call);
    return pg_none(call->db, servicetest_tell, NULL, PG_INT(n));
}

static enum status handle_tell(struct call *call, const void *in, void *out)
{
    *(struct number *)out = *(const struct number *)in;
    return tell(call, ((const struct number *)in)->n);
}

static enum status hear(struct call *call, const void *event)
{
    const struct number *number = event;
    enum status status = pg_none(call->db, servicetest_hear, NULL, PG_INT(number->n));
    return status == STATUS_OK ? tell(call, number->n - 1) : status;
}

static enum status tidy(struct call *call)
{
    return pg_run_none(call->db, &servicetest_tidy, NULL, NULL, 0);
}

static const struct api_endpoint endpoints[] = {
    {"tell", "rpc.servicetest.tell", API_POOL_IO, &number_message, &number_message, handle_tell,
     false},
};
static const struct api_service api = {NAME, endpoints, ARRAY_LEN(endpoints)};
static const struct inbox_subscription subscriptions[] = {
    {"evt.servicetest.number", "servicetest-number", &number_message, hear},
};

/* ---- fixture ---- */

struct fixture {
    struct service_config config;
    struct daemon daemon;
    struct service_options options;
    struct service *service;
};

static void execute(const char *sql)
{
    AUTO(PQfinish) PGconn *connection = PQconnectdb(DATABASE_URL);
    AUTO(PQclear) PGresult *result = PQexec(connection, sql);
    assert_int_equal(PQresultStatus(result), PGRES_COMMAND_OK);
}

static int64_t query_int(const char *sql)
{
    AUTO(PQfinish) PGconn *connection = PQconnectdb(DATABASE_URL);
    AUTO(PQclear) PGresult *result = PQexec(connection, sql);
    int64_t value = -1;
    assert_int_equal(PQntuples(result), 1);
    assert_true(text_parse_int(PQgetvalue(result, 0, 0), 0, INT64_MAX, &value));
    return value;
}

static void wait_for(const char *sql, int64_t wanted)
{
    int64_t until_ms = clock_mono_ms() + LONG_MS;
    while (query_int(sql) != wanted && clock_mono_ms() < until_ms)
        clock_sleep_ms(10);
    assert_int_equal(query_int(sql), wanted);
}

static int set_up(void **state)
{
    execute("set client_min_messages = error; drop schema if exists servicetest cascade;"
            "create schema servicetest;"
            "create table servicetest.outbox (id uuid primary key default gen_random_uuid(),"
            " position bigint generated always as identity unique, what text not null,"
            " body jsonb not null, created_at timestamptz not null default now());"
            "create table servicetest.inbox (id text primary key,"
            " handled_at timestamptz not null default now());"
            "create table servicetest.heard (n int); create table servicetest.litter (n int)");
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    fixture->config = (struct service_config){
        .database_url = DATABASE_URL, .database_password = "", .io_workers = 2, .io_queue = 16};
    fixture->daemon = (struct daemon){NAME, &fixture->config, NULL, metrics_new()};
    const struct bus_options bus = {.url = NATS_URL, .name = NAME};
    assert_int_equal(bus_open(&bus, &fixture->daemon.bus), STATUS_OK);
    js_DeleteStream(bus_jetstream(fixture->daemon.bus), stream_events.name, NULL, NULL);
    fixture->options = (struct service_options){
        .api = &api,
        .config = &fixture->config,
        .has_outbox = true,
        .subscriptions = subscriptions,
        .subscription_count = ARRAY_LEN(subscriptions),
        .tidy = tidy,
    };
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    service_stop(fixture->service);
    bus_close(fixture->daemon.bus);
    metrics_free(fixture->daemon.metrics);
    free(fixture);
    return 0;
}

static void start(struct fixture *fixture)
{
    assert_int_equal(service_start(&fixture->daemon, &fixture->options, &fixture->service),
                     STATUS_OK);
}

static void call_tell(struct fixture *fixture, const char *body)
{
    const struct bus_header header = {CALL_HEADER_CONTENT_TYPE, "application/json"};
    natsMsg *request = NULL;
    assert_int_equal(bus_message("rpc.servicetest.tell", NULL, &header, 1,
                                 (struct slice){body, strlen(body)}, &request),
                     STATUS_OK);
    AUTO(natsMsg_Destroy) natsMsg *reply = NULL;
    assert_int_equal(bus_request(fixture->daemon.bus, request, clock_wall_ms() + LONG_MS, &reply),
                     STATUS_OK);
    assert_string_equal(natsMsg_GetData(reply), body);
}

/* ---- tests ---- */

static void what_calls_and_events_tell_is_heard(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    call_tell(fixture, "{\"n\":3}");
    wait_for("select count(*) from servicetest.heard", 4);
    assert_int_equal(query_int("select count(distinct n) from servicetest.heard"), 4);
    assert_int_equal(query_int("select count(*) from servicetest.inbox"), 4);
}

static void what_was_told_before_the_stop_is_published(void **state)
{
    struct fixture *fixture = *state;
    fixture->options.subscription_count = 0;
    start(fixture);
    call_tell(fixture, "{\"n\":0}");
    service_stop(TAKE(fixture->service));
    assert_int_equal(query_int("select count(*) from servicetest.outbox"), 0);
    jsStreamInfo *info = NULL;
    assert_int_equal(
        js_GetStreamInfo(&info, bus_jetstream(fixture->daemon.bus), stream_events.name, NULL, NULL),
        NATS_OK);
    assert_int_equal(info->State.Msgs, 1);
    jsStreamInfo_Destroy(info);
}

static void what_has_had_its_time_is_removed(void **state)
{
    struct fixture *fixture = *state;
    execute("insert into servicetest.litter values (1);"
            "insert into servicetest.inbox (id, handled_at) values"
            " ('old', now() - interval '32 days'), ('new', now())");
    start(fixture);
    wait_for("select count(*) from servicetest.litter", 0);
    wait_for("select count(*) from servicetest.inbox", 1);
    assert_int_equal(query_int("select count(*) from servicetest.inbox where id = 'new'"), 1);
}

static void a_service_may_have_none_of_this(void **state)
{
    struct fixture *fixture = *state;
    fixture->options.has_outbox = false;
    fixture->options.subscription_count = 0;
    fixture->options.tidy = NULL;
    start(fixture);
    call_tell(fixture, "{\"n\":3}");
    service_stop(TAKE(fixture->service));
    assert_int_equal(query_int("select count(*) from servicetest.outbox"), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    log_start(NAME, LOG_LEVEL_ERROR);
    const struct CMUnitTest tests[] = {
        TEST(what_calls_and_events_tell_is_heard),
        TEST(what_was_told_before_the_stop_is_published),
        TEST(what_has_had_its_time_is_removed),
        TEST(a_service_may_have_none_of_this),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
