/* SPDX-License-Identifier: MIT */
#include "services/events/live/recorder.h"

#include "lib/base/clock.h"
#include "services/events/store/triggers.h"
#include "tests/unit/services/events/store/tables.h"

#include "tests/support/await.h"

#include <pthread.h>

#define TRIGGER "aaaaaaaa-2222-4333-8444-555555555555"
#define WAITING_MAX 50000
#define BATCH_MAX 1000

struct fixture {
    struct tables tables;
    struct metrics *metrics;
    char url[256]; /* as a role that can be kept out */
    struct pg_options database;
    struct recorder *recorder;
};

static void keep_out(void)
{
    tables_execute("alter role recorder nologin");
    tables_execute("select pg_terminate_backend(pid) from pg_stat_activity"
                   " where usename = 'recorder'");
}

static void let_in(void)
{
    tables_execute("alter role recorder login");
}

static int make(void **state)
{
    tables_execute("create role recorder superuser login");
    return tables_make(state);
}

static int set_up(void **state)
{
    static struct fixture fixture;
    tables_open(&fixture.tables);
    let_in();
    const char *at = strchr(DATABASE_URL, '@');
    (void)snprintf(fixture.url, sizeof(fixture.url), "postgresql://recorder%s", at);
    fixture.database = (struct pg_options){.url = fixture.url};
    fixture.metrics = metrics_new();
    fixture.recorder = recorder_start(&fixture.database, fixture.metrics);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    recorder_stop(fixture->recorder);
    metrics_free(fixture->metrics);
    tables_close(&fixture->tables);
    return 0;
}

static void insert_trigger(struct fixture *fixture)
{
    const struct set_trigger_request trigger = {.event_type = "chat", .action = "tts"};
    struct tables *tables = &fixture->tables;
    assert_ok(tables, triggers_insert(&tables->call, ANN, TRIGGER, &trigger));
}

static void add_viewer(struct fixture *fixture, int64_t viewer_id)
{
    const struct viewer_memory viewer = {"live", 1, viewer_id, true, 0};
    recorder_add_viewer(fixture->recorder, &viewer);
}

static void add_firing(struct fixture *fixture)
{
    const struct firing firing = {TRIGGER, 1, 0, clock_wall_ms(), true};
    recorder_add_firing(fixture->recorder, &firing);
}

static void stop(struct fixture *fixture)
{
    recorder_stop(TAKE(fixture->recorder));
}

static void await_number(const char *sql, int64_t number)
{
    AWAIT(tables_execute(sql) == number);
}

static int64_t lost(struct fixture *fixture)
{
    return metric_value(metrics_counter(fixture->metrics, "ttb_live_memories_lost_total", "", ""));
}

static void what_happens_is_written_a_moment_later(void **state)
{
    struct fixture *fixture = *state;
    insert_trigger(fixture);
    for (int round = 1; round <= 3; round++) {
        add_firing(fixture);
        add_viewer(fixture, round);
        await_number("select sum(executed_count) from events.triggers", round);
        await_number("select count(*) from events.viewers", round);
    }
    await_number("select count(*) from events.firings", 1);
}

static void texts_are_copied(void **state)
{
    struct fixture *fixture = *state;
    char name[] = "live";
    char message[] = "hello";
    tables_execute("insert into events.streams values ('live', 'a', now())");
    const struct viewer_memory viewer = {name, 1, 7, true, 5};
    const struct stream_state stream = {name, "connected", message};
    recorder_add_viewer(fixture->recorder, &viewer);
    recorder_add_state(fixture->recorder, &stream);
    memset(name, 'x', sizeof(name) - 1);
    memset(message, 'x', sizeof(message) - 1);
    stop(fixture);
    await_number("select count(*) from events.viewers where username = 'live' and diamonds = 5", 1);
    await_number("select count(*) from events.streams where message = 'hello'"
                 " and state = 'connected'",
                 1);
}

static void of_a_live_s_states_the_last_one_stays(void **state)
{
    struct fixture *fixture = *state;
    tables_execute("insert into events.streams values ('live', 'a', now())");
    static const char *const states[] = {"connecting", "connected", "reconnecting", "ended"};
    for (size_t i = 0; i < ARRAY_LEN(states); i++)
        recorder_add_state(fixture->recorder, &(struct stream_state){"live", states[i], ""});
    stop(fixture);
    await_number("select count(*) from events.streams where state = 'ended'", 1);
}

static void what_gathered_is_written_at_the_stop(void **state)
{
    struct fixture *fixture = *state;
    insert_trigger(fixture);
    for (int i = 0; i < 3 * BATCH_MAX; i++)
        add_firing(fixture);
    stop(fixture);
    await_number("select executed_count from events.triggers", 3 * BATCH_MAX);
    assert_int_equal(lost(fixture), 0);
}

static void while_postgres_is_away_all_is_kept(void **state)
{
    struct fixture *fixture = *state;
    insert_trigger(fixture);
    add_firing(fixture);
    await_number("select executed_count from events.triggers", 1);
    keep_out();
    for (int i = 0; i < 2 * BATCH_MAX; i++)
        add_firing(fixture);
    clock_sleep_ms(200); /* it has tried */
    add_firing(fixture);
    let_in();
    await_number("select executed_count from events.triggers", 2 * BATCH_MAX + 2);
    assert_int_equal(lost(fixture), 0);
}

static void a_stop_while_postgres_is_away_ends_and_counts_what_is_lost(void **state)
{
    struct fixture *fixture = *state;
    keep_out();
    for (int i = 0; i < 3 * BATCH_MAX; i++)
        add_viewer(fixture, i + 1);
    stop(fixture);
    assert_int_equal(lost(fixture), 3 * BATCH_MAX);
    assert_int_equal(tables_execute("select count(*) from events.viewers"), 0);
}

static void past_the_bound_the_oldest_are_given_up_and_counted(void **state)
{
    struct fixture *fixture = *state;
    enum { ALL = WAITING_MAX + 5 * BATCH_MAX };
    keep_out();
    for (int64_t i = 1; i <= ALL; i++)
        add_viewer(fixture, i);
    assert_in_range(lost(fixture), 4 * BATCH_MAX, 5 * BATCH_MAX); /* a batch may be in hand */
    let_in();
    await_number("select max(viewer_id) from events.viewers", ALL);
    assert_int_equal(tables_execute("select count(*) from events.viewers"), ALL - lost(fixture));
    assert_int_equal(tables_execute("select count(*) from events.viewers where viewer_id > 6000"),
                     ALL - 6000);
}

static void *add_many(void *closure)
{
    struct fixture *fixture = closure;
    for (int i = 0; i < BATCH_MAX; i++)
        add_firing(fixture);
    return NULL;
}

static void many_threads_may_add(void **state)
{
    enum { THREADS = 4 };
    struct fixture *fixture = *state;
    pthread_t threads[THREADS];
    insert_trigger(fixture);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, add_many, fixture), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    stop(fixture);
    await_number("select executed_count from events.triggers", THREADS * BATCH_MAX);
}

#define RECORDER_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RECORDER_TEST(what_happens_is_written_a_moment_later),
        RECORDER_TEST(texts_are_copied),
        RECORDER_TEST(of_a_live_s_states_the_last_one_stays),
        RECORDER_TEST(what_gathered_is_written_at_the_stop),
        RECORDER_TEST(while_postgres_is_away_all_is_kept),
        RECORDER_TEST(a_stop_while_postgres_is_away_ends_and_counts_what_is_lost),
        RECORDER_TEST(past_the_bound_the_oldest_are_given_up_and_counted),
        RECORDER_TEST(many_threads_may_add),
    };
    return cmocka_run_group_tests(tests, make, NULL);
}
