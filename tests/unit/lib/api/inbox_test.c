/* SPDX-License-Identifier: MIT */
#include "lib/api/inbox.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "lib/bus/stream.h"

#include "tests/support/servers.h"

#include <stdatomic.h>

#define SUBJECT "evt.inboxtest.counted"
#define DURABLE "inboxtest-counted"
#define LONG_MS 20000
#define ACK_MS 1000 /* a stream that is being deleted may take a message without a word */
#define DOWN_URL "postgresql://nobody@127.0.0.1:1/none"

/* ---- what is told ---- */

struct counted {
    int64_t n;
    const char *how;
};

static const struct field fields[] = {
    {.name = "n", .type = FIELD_INT, .offset = offsetof(struct counted, n), .required = true},
    {.name = "how", .type = FIELD_TEXT, .offset = offsetof(struct counted, how), .required = true},
};
static const struct message counted_message = {.name = "counted",
                                               .size = sizeof(struct counted),
                                               .fields = fields,
                                               .count = ARRAY_LEN(fields)};

struct fixture {
    struct bus *bus;
    struct metrics *metrics;
    struct pg_options database;
    struct inbox_options options;
    atomic_int calls;
    atomic_int news;
};

static void delete_consumer(struct bus *bus)
{
    assert_int_equal(js_DeleteConsumer(bus_jetstream(bus), stream_events.name, DURABLE, NULL, NULL),
                     NATS_OK);
}

/* how: "" does it; "once" fails the first time, after it has written; "delete" deletes the
 * consumer the first time. */
static enum status handle_counted(struct call *call, const void *event)
{
    PG_QUERY(inboxtest_count, "insert into inboxtest.counted (n, id) values ($1, $2)");
    struct fixture *fixture = (struct fixture *)call->app;
    const struct counted *counted = event;
    int calls = atomic_fetch_add(&fixture->calls, 1);
    call_announce(call);
    enum status status =
        pg_none(call->db, inboxtest_count, NULL, PG_INT(counted->n), PG_TEXT(call->log.request_id));
    if (status != STATUS_OK)
        return status;
    if (text_equal(counted->how, "once") && calls == 0)
        return call_fail(call, STATUS_UNAVAILABLE, "not yet");
    if (text_equal(counted->how, "delete") && calls == 0)
        delete_consumer(call->bus);
    return STATUS_OK;
}

static const struct inbox_subscription subscriptions[] = {
    {SUBJECT, DURABLE, &counted_message, handle_counted},
};

/* ---- fixture ---- */

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
    assert_true(PQntuples(result) == 1 &&
                text_parse_int(PQgetvalue(result, 0, 0), 0, INT64_MAX, &value));
    return value;
}

static void count_news(void *closure)
{
    struct fixture *fixture = closure;
    atomic_fetch_add(&fixture->news, 1);
}

static int set_up(void **state)
{
    execute("set client_min_messages = error; drop schema if exists inboxtest cascade;"
            "create schema inboxtest; create table inboxtest.counted (n int, id text);"
            "create table inboxtest.inbox (id text primary key,"
            " handled_at timestamptz not null default now())");
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    const struct bus_options bus = {.url = NATS_URL, .name = "inboxtest"};
    assert_int_equal(bus_open(&bus, &fixture->bus), STATUS_OK);
    js_DeleteStream(bus_jetstream(fixture->bus), stream_events.name, NULL, NULL);
    assert_int_equal(stream_ensure(fixture->bus, &stream_events), STATUS_OK);
    fixture->metrics = metrics_new();
    fixture->database = (struct pg_options){.url = DATABASE_URL, .application_name = "inbox_test"};
    fixture->options = (struct inbox_options){
        .bus = fixture->bus,
        .database = &fixture->database,
        .schema = "inboxtest",
        .app = fixture,
        .subscriptions = subscriptions,
        .count = ARRAY_LEN(subscriptions),
        .metrics = fixture->metrics,
        .on_news = count_news,
        .news_closure = fixture,
    };
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    bus_close(fixture->bus);
    metrics_free(fixture->metrics);
    free(fixture);
    return 0;
}

/* The stream may have to be made again first. */
static void tell(const struct fixture *fixture, const char *id, const char *body)
{
    const struct bus_event event = {SUBJECT, id, {body, strlen(body)}};
    int64_t until_ms = clock_mono_ms() + LONG_MS;
    enum status status = STATUS_UNAVAILABLE;
    while (status != STATUS_OK && clock_mono_ms() < until_ms)
        status = bus_publish_batch(fixture->bus, &event, 1, ACK_MS);
    assert_int_equal(status, STATUS_OK);
}

static void tell_many(const struct fixture *fixture, int count)
{
    for (int i = 1; i <= count; i++) {
        char id[32], body[64];
        snprintf(id, sizeof(id), "id-%d", i);
        snprintf(body, sizeof(body), "{\"n\":%d,\"how\":\"\"}", i);
        tell(fixture, id, body);
    }
}

static int64_t metric_of(const struct fixture *fixture, const char *name)
{
    return metric_value(metrics_counter(fixture->metrics, name, "", "subject=\"" SUBJECT "\""));
}

#define HANDLED "ttb_inbox_handled_total"
#define REPEATED "ttb_inbox_repeated_total"
#define FAILED "ttb_inbox_failed_total"

static void wait_for_metric(const struct fixture *fixture, const char *name, int64_t wanted)
{
    int64_t until_ms = clock_mono_ms() + LONG_MS;
    while (metric_of(fixture, name) < wanted && clock_mono_ms() < until_ms)
        clock_sleep_ms(5);
    assert_int_equal(metric_of(fixture, name), wanted);
}

/* ---- handling ---- */

static void an_event_is_handled_and_recorded(void **state)
{
    struct fixture *fixture = *state;
    struct inbox *inbox = inbox_start(&fixture->options);
    tell(fixture, "id-7", "{\"n\":7,\"how\":\"\"}");
    wait_for_metric(fixture, HANDLED, 1);
    inbox_stop(inbox);
    assert_int_equal(query_int("select n from inboxtest.counted where id = 'id-7'"), 7);
    assert_int_equal(query_int("select count(*) from inboxtest.inbox where id = 'id-7'"), 1);
    assert_int_equal(fixture->news, 1);
}

static void an_event_that_comes_again_is_not_handled_again(void **state)
{
    struct fixture *fixture = *state;
    struct inbox *inbox = inbox_start(&fixture->options);
    tell_many(fixture, 3);
    wait_for_metric(fixture, HANDLED, 3);
    inbox_stop(inbox);

    /* A consumer that is made anew is given all that the stream holds. */
    delete_consumer(fixture->bus);
    inbox = inbox_start(&fixture->options);
    wait_for_metric(fixture, REPEATED, 3);
    inbox_stop(inbox);
    assert_int_equal(fixture->calls, 3);
    assert_int_equal(query_int("select count(*) from inboxtest.counted"), 3);
}

static void an_event_that_fails_leaves_nothing_and_comes_again(void **state)
{
    struct fixture *fixture = *state;
    struct inbox *inbox = inbox_start(&fixture->options);
    tell(fixture, "id-1", "{\"n\":1,\"how\":\"once\"}");
    wait_for_metric(fixture, FAILED, 1);
    assert_int_equal(query_int("select count(*) from inboxtest.counted"), 0);
    assert_int_equal(query_int("select count(*) from inboxtest.inbox"), 0);
    assert_int_equal(fixture->news, 0);
    wait_for_metric(fixture, HANDLED, 1);
    inbox_stop(inbox);
    assert_int_equal(query_int("select count(*) from inboxtest.counted"), 1);
    assert_int_equal(fixture->news, 1);
}

static void an_event_that_fails_holds_up_no_other(void **state)
{
    struct fixture *fixture = *state;
    tell(fixture, "id-1", "{\"n\":1,\"how\":\"once\"}");
    tell(fixture, "id-2", "{\"n\":2,\"how\":\"\"}");
    struct inbox *inbox = inbox_start(&fixture->options);
    wait_for_metric(fixture, HANDLED, 2);
    inbox_stop(inbox);
    assert_int_equal(fixture->calls, 3);
    assert_int_equal(query_int("select n from inboxtest.counted limit 1"), 2);
}

static void an_event_that_cannot_be_read_is_given_up(void **state)
{
    struct fixture *fixture = *state;
    static const char *const bad[] = {"{", "{}", "{\"n\":\"1\",\"how\":\"\"}"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        tell(fixture, NULL, bad[i]);
    tell(fixture, NULL, "{\"n\":1,\"how\":\"\"}"); /* without an id */
    tell(fixture, "id-2", "{\"n\":2,\"how\":\"\"}");
    struct inbox *inbox = inbox_start(&fixture->options);
    wait_for_metric(fixture, HANDLED, 1);
    inbox_stop(inbox);
    assert_int_equal(metric_of(fixture, FAILED), 4);
    assert_int_equal(query_int("select n from inboxtest.counted"), 2);

    jsConsumerInfo *info = NULL;
    assert_int_equal(js_GetConsumerInfo(&info, bus_jetstream(fixture->bus), stream_events.name,
                                        DURABLE, NULL, NULL),
                     NATS_OK);
    assert_int_equal(info->NumAckPending, 0);
    assert_int_equal(info->NumPending, 0);
    jsConsumerInfo_Destroy(info);
}

static void replicas_handle_each_event_once(void **state)
{
    struct fixture *fixture = *state;
    struct inbox *one = inbox_start(&fixture->options);
    struct inbox *other = inbox_start(&fixture->options);
    tell_many(fixture, 100);
    wait_for_metric(fixture, HANDLED, 100);
    inbox_stop(one);
    inbox_stop(other);
    assert_int_equal(fixture->calls, 100);
    assert_int_equal(query_int("select count(distinct n) from inboxtest.counted"), 100);
}

/* ---- what comes and goes ---- */

static void what_came_while_it_was_stopped_is_handled_later(void **state)
{
    struct fixture *fixture = *state;
    struct inbox *inbox = inbox_start(&fixture->options);
    tell_many(fixture, 1);
    wait_for_metric(fixture, HANDLED, 1);
    inbox_stop(inbox);
    tell(fixture, "later", "{\"n\":2,\"how\":\"\"}");
    inbox = inbox_start(&fixture->options);
    wait_for_metric(fixture, HANDLED, 2);
    inbox_stop(inbox);
    assert_int_equal(metric_of(fixture, REPEATED), 0); /* the consumer was still there */
}

static void a_consumer_that_is_deleted_is_made_again(void **state)
{
    struct fixture *fixture = *state;
    struct inbox *inbox = inbox_start(&fixture->options);
    tell_many(fixture, 1);
    wait_for_metric(fixture, HANDLED, 1);
    delete_consumer(fixture->bus);
    tell(fixture, "later", "{\"n\":2,\"how\":\"\"}");
    wait_for_metric(fixture, HANDLED, 2);
    inbox_stop(inbox);
    assert_int_equal(fixture->calls, 2);
}

static void a_consumer_that_is_deleted_while_nobody_waits_is_made_again(void **state)
{
    struct fixture *fixture = *state;
    struct inbox *inbox = inbox_start(&fixture->options);
    tell(fixture, "id-1", "{\"n\":1,\"how\":\"delete\"}");
    wait_for_metric(fixture, HANDLED, 1);
    tell(fixture, "later", "{\"n\":2,\"how\":\"\"}");
    wait_for_metric(fixture, HANDLED, 2);
    inbox_stop(inbox);
}

static void a_consumer_that_an_operator_has_changed_is_used_as_it_is(void **state)
{
    struct fixture *fixture = *state;
    jsConsumerConfig config;
    jsConsumerConfig_Init(&config);
    config.Durable = DURABLE;
    config.FilterSubject = SUBJECT;
    config.AckPolicy = js_AckExplicit;
    config.AckWait = INT64_C(5000000000);
    config.MaxAckPending = 7;
    assert_int_equal(
        js_AddConsumer(NULL, bus_jetstream(fixture->bus), stream_events.name, &config, NULL, NULL),
        NATS_OK);
    struct inbox *inbox = inbox_start(&fixture->options);
    tell_many(fixture, 1);
    wait_for_metric(fixture, HANDLED, 1);
    inbox_stop(inbox);
}

static void a_stream_that_is_deleted_is_made_again(void **state)
{
    struct fixture *fixture = *state;
    struct inbox *inbox = inbox_start(&fixture->options);
    tell_many(fixture, 1);
    wait_for_metric(fixture, HANDLED, 1);
    assert_int_equal(js_DeleteStream(bus_jetstream(fixture->bus), stream_events.name, NULL, NULL),
                     NATS_OK);
    tell(fixture, "later", "{\"n\":2,\"how\":\"\"}");
    wait_for_metric(fixture, HANDLED, 2);
    inbox_stop(inbox);
}

static void without_its_database_it_takes_no_event_and_stops(void **state)
{
    struct fixture *fixture = *state;
    fixture->database.url = DOWN_URL;
    tell_many(fixture, 1);
    struct inbox *inbox = inbox_start(&fixture->options);
    inbox_stop(inbox);
    assert_int_equal(fixture->calls, 0);
    assert_int_equal(metric_of(fixture, FAILED), 0);
}

static void ids_older_than_the_stream_are_forgotten(void **state)
{
    struct fixture *fixture = *state;
    execute("insert into inboxtest.inbox (id, handled_at) values"
            " ('new', now() - interval '30 days'), ('old', now() - interval '32 days')");
    AUTO(pg_free) struct pg *db = pg_new(&fixture->database);
    assert_int_equal(inbox_forget_old(db, "inboxtest"), STATUS_OK);
    assert_int_equal(query_int("select count(*) from inboxtest.inbox"), 1);
    assert_int_equal(query_int("select count(*) from inboxtest.inbox where id = 'new'"), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_event_is_handled_and_recorded),
        TEST(an_event_that_comes_again_is_not_handled_again),
        TEST(an_event_that_fails_leaves_nothing_and_comes_again),
        TEST(an_event_that_fails_holds_up_no_other),
        TEST(an_event_that_cannot_be_read_is_given_up),
        TEST(replicas_handle_each_event_once),
        TEST(what_came_while_it_was_stopped_is_handled_later),
        TEST(a_consumer_that_is_deleted_is_made_again),
        TEST(a_consumer_that_is_deleted_while_nobody_waits_is_made_again),
        TEST(a_consumer_that_an_operator_has_changed_is_used_as_it_is),
        TEST(a_stream_that_is_deleted_is_made_again),
        TEST(without_its_database_it_takes_no_event_and_stops),
        TEST(ids_older_than_the_stream_are_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
