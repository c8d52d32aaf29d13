/* SPDX-License-Identifier: MIT */
#include "lib/pg/outbox.h"

#include "lib/base/clock.h"

#include "tests/support/await.h"
#include "tests/support/servers.h"

#include <pthread.h>

#define ROWS_MAX 2000
#define LONG_MS 20000

AUTO_DEFINE(struct metrics *, metrics_free)

/* The bus, as the relay sees it. */
struct bus_stand_in {
    pthread_mutex_t lock;
    unsigned count;
    char ids[ROWS_MAX][40];
    char subject[256];
    char body[64];
    bool down;
    unsigned batches;
};

static void keep(struct bus_stand_in *bus, const struct outbox_event *event)
{
    snprintf(bus->subject, sizeof(bus->subject), "%s", event->subject);
    snprintf(bus->body, sizeof(bus->body), "%s", event->body);
    snprintf(bus->ids[bus->count++ % ROWS_MAX], sizeof(bus->ids[0]), "%s", event->id);
}

static enum status publish(void *closure, const struct outbox_event *events, size_t count)
{
    struct bus_stand_in *bus = closure;
    pthread_mutex_lock(&bus->lock);
    enum status status = bus->down ? STATUS_UNAVAILABLE : STATUS_OK;
    bus->batches++;
    for (size_t i = 0; i < count && !bus->down; i++)
        keep(bus, &events[i]);
    pthread_mutex_unlock(&bus->lock);
    return status;
}

static void set_down(struct bus_stand_in *bus, bool down)
{
    pthread_mutex_lock(&bus->lock);
    bus->down = down;
    pthread_mutex_unlock(&bus->lock);
}

static void wait_for_batches(struct bus_stand_in *bus, unsigned wanted)
{
    int64_t until_ms = clock_mono_ms() + LONG_MS;
    for (unsigned batches = 0; batches < wanted && clock_mono_ms() < until_ms; clock_sleep_ms(5)) {
        pthread_mutex_lock(&bus->lock);
        batches = bus->batches;
        pthread_mutex_unlock(&bus->lock);
    }
}

static void execute(const char *sql)
{
    AUTO(PQfinish) PGconn *connection = PQconnectdb(DATABASE_URL);
    AUTO(PQclear) PGresult *result = PQexec(connection, sql);
    assert_int_equal(PQresultStatus(result), PGRES_COMMAND_OK);
}

static int count_rows(void)
{
    AUTO(PQfinish) PGconn *connection = PQconnectdb(DATABASE_URL);
    AUTO(PQclear) PGresult *result = PQexec(connection, "select 1 from outboxtest.outbox");
    return PQntuples(result);
}

static int set_up(void **state)
{
    execute("set client_min_messages = error; drop schema if exists outboxtest cascade;"
            "create schema outboxtest;"
            "create table outboxtest.outbox (id uuid primary key,"
            " position bigint generated always as identity unique, what text not null,"
            " body jsonb not null, created_at timestamptz not null default now())");
    struct bus_stand_in *bus = calloc(1, sizeof(*bus));
    pthread_mutex_init(&bus->lock, NULL);
    *state = bus;
    return 0;
}

static int tear_down(void **state)
{
    struct bus_stand_in *bus = *state;
    pthread_mutex_destroy(&bus->lock);
    free(bus);
    return 0;
}

/* Rows whose ids count up from 1 in the order of their positions. */
static void add_rows(int first, int last)
{
    char sql[512];
    snprintf(sql, sizeof(sql),
             "insert into outboxtest.outbox (id, what, body) select "
             "('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'changed', "
             "jsonb_build_object('n', n) from generate_series(%d, %d) as n",
             first, last);
    execute(sql);
}

static struct outbox_relay *start_relay(struct bus_stand_in *bus)
{
    const struct pg_options options = {.url = DATABASE_URL, .application_name = "outbox_test"};
    return outbox_relay_start(&options, "outboxtest", publish, bus, NULL);
}

static void wait_until_empty(void)
{
    int64_t until_ms = clock_mono_ms() + LONG_MS;
    while (count_rows() > 0 && clock_mono_ms() < until_ms)
        clock_sleep_ms(10);
    assert_int_equal(count_rows(), 0);
}

static void assert_in_order(const struct bus_stand_in *bus, unsigned count)
{
    assert_int_equal(bus->count, count);
    for (unsigned i = 0; i < count; i++) {
        char id[64];
        snprintf(id, sizeof(id), "00000000-0000-4000-8000-%012u", i + 1);
        assert_string_equal(bus->ids[i], id);
    }
}

static void rows_are_published_in_order_and_then_deleted(void **state)
{
    struct bus_stand_in *bus = *state;
    add_rows(1, 1200);
    struct outbox_relay *relay = start_relay(bus);
    wait_until_empty();
    outbox_relay_stop(relay);
    assert_in_order(bus, 1200);
    assert_int_equal(bus->batches, 3);
    assert_string_equal(bus->subject, "evt.outboxtest.changed");
    assert_string_equal(bus->body, "{\"n\": 1200}");
}

static void a_row_that_comes_later_is_found_with_a_nudge_or_without(void **state)
{
    struct bus_stand_in *bus = *state;
    struct outbox_relay *relay = start_relay(bus);
    add_rows(1, 1);
    outbox_relay_nudge(relay);
    wait_until_empty();
    add_rows(2, 2);
    wait_until_empty();
    outbox_relay_stop(relay);
    assert_in_order(bus, 2);
}

static void rows_stay_while_the_bus_is_down(void **state)
{
    struct bus_stand_in *bus = *state;
    bus->down = true;
    add_rows(1, 5);
    struct outbox_relay *relay = start_relay(bus);
    wait_for_batches(bus, 1);
    assert_int_equal(count_rows(), 5);
    set_down(bus, false);
    wait_until_empty();
    outbox_relay_stop(relay);
    assert_in_order(bus, 5);
}

static void the_age_of_what_the_bus_does_not_take_is_shown(void **state)
{
    struct bus_stand_in *bus = *state;
    bus->down = true;
    add_rows(1, 2);
    execute(
        "update outboxtest.outbox set created_at = now() - interval '1 hour' where position = 1");
    AUTO(metrics_free) struct metrics *metrics = metrics_new();
    const struct metric *oldest = metrics_gauge(metrics, "ttb_outbox_oldest_seconds", "", "");
    const struct pg_options options = {.url = DATABASE_URL, .application_name = "outbox_test"};
    struct outbox_relay *relay = outbox_relay_start(&options, "outboxtest", publish, bus, metrics);
    AWAIT(metric_value(oldest) >= 3600);
    set_down(bus, false);
    AWAIT(metric_value(oldest) == 0);
    outbox_relay_stop(relay);
}

static void what_was_written_before_the_stop_is_published(void **state)
{
    struct bus_stand_in *bus = *state;
    struct outbox_relay *relay = start_relay(bus);
    add_rows(1, 3);
    outbox_relay_stop(relay);
    assert_in_order(bus, 3);
    assert_int_equal(count_rows(), 0);
}

static void a_bus_that_is_down_does_not_hold_up_the_stop(void **state)
{
    struct bus_stand_in *bus = *state;
    bus->down = true;
    add_rows(1, 3);
    struct outbox_relay *relay = start_relay(bus);
    wait_for_batches(bus, 1);
    outbox_relay_stop(relay);
    assert_in_range(bus->batches, 1, 2);
    assert_int_equal(count_rows(), 3);
}

static void replicas_take_turns_and_send_no_row_twice(void **state)
{
    struct bus_stand_in *bus = *state;
    add_rows(1, 1800);
    struct outbox_relay *one = start_relay(bus);
    struct outbox_relay *other = start_relay(bus);
    wait_until_empty();
    outbox_relay_stop(one);
    outbox_relay_stop(other);
    assert_in_order(bus, 1800);
}

static void a_relay_stops_without_a_database(void **state)
{
    struct bus_stand_in *bus = *state;
    const struct pg_options options = {.url = "postgresql://nobody@127.0.0.1:1/none"};
    struct outbox_relay *relay = outbox_relay_start(&options, "outboxtest", publish, bus, NULL);
    outbox_relay_nudge(relay);
    outbox_relay_stop(relay);
    assert_int_equal(bus->count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rows_are_published_in_order_and_then_deleted),
        TEST(a_row_that_comes_later_is_found_with_a_nudge_or_without),
        TEST(rows_stay_while_the_bus_is_down),
        TEST(the_age_of_what_the_bus_does_not_take_is_shown),
        TEST(what_was_written_before_the_stop_is_published),
        TEST(a_bus_that_is_down_does_not_hold_up_the_stop),
        TEST(replicas_take_turns_and_send_no_row_twice),
        TEST(a_relay_stops_without_a_database),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
