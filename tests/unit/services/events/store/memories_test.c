/* SPDX-License-Identifier: MIT */
#include "services/events/store/memories.h"

#include "lib/base/clock.h"
#include "services/events/store/triggers.h"
#include "tests/unit/services/events/store/tables.h"

#include <pthread.h>

#define FIRST "aaaaaaaa-2222-4333-8444-555555555555"
#define SECOND "bbbbbbbb-2222-4333-8444-555555555555"
#define GONE "cccccccc-2222-4333-8444-555555555555"
#define ROOM INT64_C(7435839104927384321)
#define MASHA 7
#define IVAN 8
#define LOAD_MAX 1000
#define LONG_MS 20000

struct fixture {
    struct tables tables;
    int64_t now_ms;
    struct firing *firings; /* as loaded last */
    struct viewer_memory *viewers;
    size_t count;
};

static void insert_trigger(struct tables *tables, const char *user_id, const char *id)
{
    const struct set_trigger_request trigger = {.event_type = "chat", .action = "tts"};
    assert_ok(tables, triggers_insert(&tables->call, user_id, id, &trigger));
}

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.now_ms = clock_wall_ms()};
    tables_open(&fixture.tables);
    insert_trigger(&fixture.tables, ANN, FIRST);
    insert_trigger(&fixture.tables, ANN, SECOND);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    tables_close(&fixture->tables);
    return 0;
}

/* ---- firings ---- */

static void insert_firings(struct fixture *fixture, const struct firing *firings, size_t count)
{
    assert_ok(&fixture->tables, firings_insert(fixture->tables.db, firings, count));
}

static void load_firings(struct fixture *fixture, const char *user_id, size_t max)
{
    struct tables *tables = &fixture->tables;
    assert_ok(tables, firings_load(tables->db, user_id, max, tables->arena, &fixture->firings,
                                   &fixture->count));
}

static int64_t executed(const char *id)
{
    char sql[160];
    (void)snprintf(sql, sizeof(sql), "select executed_count from events.triggers where id = '%s'",
                   id);
    return tables_execute(sql);
}

static void a_firing_is_counted_whether_or_not_it_is_kept(void **state)
{
    struct fixture *fixture = *state;
    const struct firing firings[] = {{FIRST, ROOM, 0, fixture->now_ms, true},
                                     {SECOND, ROOM, 0, fixture->now_ms, false}};
    insert_firings(fixture, firings, 2);
    insert_firings(fixture, firings, 2);
    assert_int_equal(executed(FIRST), 2);
    assert_int_equal(executed(SECOND), 2);
    load_firings(fixture, ANN, LOAD_MAX);
    assert_int_equal(fixture->count, 1);
    assert_string_equal(fixture->firings[0].trigger_id, FIRST);
    assert_true(fixture->firings[0].room_id == ROOM);
    assert_int_equal(fixture->firings[0].viewer_id, 0);
    assert_true(fixture->firings[0].at_ms == fixture->now_ms);
    assert_true(fixture->firings[0].is_kept);
}

static void a_viewers_cooldown_is_not_counted_again(void **state)
{
    struct fixture *fixture = *state;
    const struct firing firings[] = {{FIRST, ROOM, 0, fixture->now_ms, false},
                                     {FIRST, ROOM, MASHA, fixture->now_ms, true}};
    insert_firings(fixture, firings, 2);
    assert_int_equal(executed(FIRST), 1);
    load_firings(fixture, ANN, LOAD_MAX);
    assert_int_equal(fixture->count, 1);
    assert_int_equal(fixture->firings[0].viewer_id, MASHA);
}

static void a_batch_may_have_the_same_trigger_many_times(void **state)
{
    struct fixture *fixture = *state;
    const struct firing firings[] = {{FIRST, ROOM, 0, fixture->now_ms - 2, true},
                                     {FIRST, ROOM, 0, fixture->now_ms, true},
                                     {FIRST, ROOM, 0, fixture->now_ms - 1, true}};
    insert_firings(fixture, firings, 3);
    assert_int_equal(executed(FIRST), 3);
    load_firings(fixture, ANN, LOAD_MAX);
    assert_int_equal(fixture->count, 1);
    assert_true(fixture->firings[0].at_ms == fixture->now_ms);
}

static void the_latest_of_each_trigger_stream_and_viewer_stays(void **state)
{
    struct fixture *fixture = *state;
    int64_t now_ms = fixture->now_ms;
    const struct firing later[] = {{FIRST, ROOM, 0, now_ms, true},
                                   {FIRST, -1, 0, now_ms - 1, true},
                                   {FIRST, ROOM, -MASHA, now_ms - 2, true},
                                   {SECOND, ROOM, 0, now_ms - 3, true}};
    const struct firing earlier[] = {{FIRST, ROOM, 0, now_ms - 5000, true}};
    insert_firings(fixture, later, 4);
    insert_firings(fixture, earlier, 1);
    load_firings(fixture, ANN, LOAD_MAX);
    assert_int_equal(fixture->count, 4);
    for (size_t i = 0; i < 4; i++) /* the oldest first */
        assert_true(fixture->firings[i].at_ms == now_ms - 3 + (int64_t)i);
}

static void triggers_that_are_gone_are_left_out(void **state)
{
    struct fixture *fixture = *state;
    const struct firing firings[] = {{GONE, ROOM, 0, fixture->now_ms, true},
                                     {FIRST, ROOM, 0, fixture->now_ms, true}};
    insert_firings(fixture, firings, 2);
    assert_int_equal(executed(FIRST), 1);
    assert_int_equal(tables_execute("select count(*) from events.firings"), 1);
    insert_firings(fixture, NULL, 0);
}

static void a_user_gets_the_firings_of_the_own_triggers(void **state)
{
    struct fixture *fixture = *state;
    insert_trigger(&fixture->tables, BOB, GONE);
    const struct firing firings[] = {{GONE, ROOM, 0, fixture->now_ms, true},
                                     {FIRST, ROOM, 0, fixture->now_ms, true}};
    insert_firings(fixture, firings, 2);
    load_firings(fixture, BOB, LOAD_MAX);
    assert_int_equal(fixture->count, 1);
    assert_string_equal(fixture->firings[0].trigger_id, GONE);
}

/* A crowd whose viewers have cooldowns of their own. */
static void of_too_many_firings_those_for_anybody_and_the_latest_are_loaded(void **state)
{
    struct fixture *fixture = *state;
    const struct firing firing = {FIRST, ROOM, 0, fixture->now_ms - 80000000, true};
    insert_firings(fixture, &firing, 1);
    tables_execute("insert into events.firings"
                   " select '" SECOND "', 1, viewer, now() - viewer * interval '1 s'"
                   " from generate_series(1, 200) as viewer");
    load_firings(fixture, ANN, 100);
    assert_int_equal(fixture->count, 100);
    assert_string_equal(fixture->firings[0].trigger_id, FIRST);
    assert_int_equal(fixture->firings[1].viewer_id, 99);
    assert_int_equal(fixture->firings[99].viewer_id, 1);
}

static void *insert_behind(void *closure)
{
    struct fixture *fixture = closure;
    const struct firing firings[] = {{FIRST, ROOM, 0, fixture->now_ms, true},
                                     {SECOND, ROOM, 0, fixture->now_ms, true}};
    AUTO(pg_free) struct pg *db = pg_new(&fixture->tables.database);
    enum status status = firings_insert(db, firings, 2);
    fixture->count = status == STATUS_OK;
    return NULL;
}

static void run(PGconn *connection, const char *sql)
{
    AUTO(PQclear) PGresult *result = PQexec(connection, sql);
    assert_int_equal(PQresultStatus(result), PGRES_COMMAND_OK);
}

static void a_trigger_that_goes_meanwhile_takes_no_other_along(void **state)
{
    struct fixture *fixture = *state;
    pthread_t thread;
    AUTO(PQfinish) PGconn *connection = PQconnectdb(DATABASE_URL);
    run(connection, "begin");
    run(connection, "delete from events.triggers where id = '" FIRST "'");
    assert_int_equal(pthread_create(&thread, NULL, insert_behind, fixture), 0);
    int64_t until_ms = clock_mono_ms() + LONG_MS;
    while (tables_execute("select count(*) from pg_locks where not granted") == 0 &&
           clock_mono_ms() < until_ms)
        clock_sleep_ms(5);
    run(connection, "commit");
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(fixture->count);
    assert_int_equal(executed(SECOND), 1);
    assert_int_equal(tables_execute("select count(*) from events.firings"), 1);
}

/* ---- viewers ---- */

static void upsert(struct fixture *fixture, const struct viewer_memory *viewers, size_t count)
{
    assert_ok(&fixture->tables, viewers_upsert(fixture->tables.db, viewers, count));
}

static void load_viewers(struct fixture *fixture, const char *username, size_t max)
{
    struct tables *tables = &fixture->tables;
    assert_ok(tables, viewers_load(tables->db, username, max, tables->arena, &fixture->viewers,
                                   &fixture->count));
}

static void check_viewer(struct fixture *fixture, bool has_spoken, int64_t diamonds)
{
    load_viewers(fixture, "live", LOAD_MAX);
    assert_int_equal(fixture->count, 1);
    assert_string_equal(fixture->viewers[0].username, "live");
    assert_true(fixture->viewers[0].room_id == ROOM);
    assert_int_equal(fixture->viewers[0].viewer_id, MASHA);
    assert_int_equal(fixture->viewers[0].has_spoken, has_spoken);
    assert_true(fixture->viewers[0].diamonds == diamonds);
}

static void who_has_spoken_stays_so_and_diamonds_never_fall(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        struct viewer_memory written;
        bool has_spoken;
        int64_t diamonds;
    } steps[] = {
        {{"live", ROOM, MASHA, false, 10}, false, 10},
        {{"live", ROOM, MASHA, true, 5}, true, 10},
        {{"live", ROOM, MASHA, false, 11}, true, 11},
        {{"live", ROOM, MASHA, false, INT64_MAX}, true, INT64_MAX},
        {{"live", ROOM, MASHA, false, -1}, true, INT64_MAX},
    };
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        upsert(fixture, &steps[i].written, 1);
        check_viewer(fixture, steps[i].has_spoken, steps[i].diamonds);
    }
}

static void a_batch_may_have_the_same_viewer_many_times(void **state)
{
    struct fixture *fixture = *state;
    const struct viewer_memory viewers[] = {{"live", ROOM, MASHA, false, 3},
                                            {"live", ROOM, MASHA, true, 1},
                                            {"live", ROOM, MASHA, false, 2}};
    upsert(fixture, viewers, 3);
    check_viewer(fixture, true, 3);
    upsert(fixture, NULL, 0);
}

static void viewers_are_those_of_the_streamer(void **state)
{
    struct fixture *fixture = *state;
    const struct viewer_memory viewers[] = {
        {"live", ROOM, MASHA, true, 0}, {"other", 5, MASHA, true, 1}, {"live", 6, -IVAN, true, 2}};
    upsert(fixture, viewers, 3);
    load_viewers(fixture, "live", LOAD_MAX);
    assert_int_equal(fixture->count, 2);
    load_viewers(fixture, "other", LOAD_MAX);
    assert_int_equal(fixture->count, 1);
    load_viewers(fixture, "nobody", LOAD_MAX);
    assert_int_equal(fixture->count, 0);
}

/* TikTok names are plain, but "null" is one of them. */
static void a_streamer_may_have_any_name(void **state)
{
    struct fixture *fixture = *state;
    static const char *const names[] = {"null",   "NULL", "a.b_c", "a,b", "{a}",
                                        "a\"b\\", "",     " ",     "имя"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const struct viewer_memory viewer = {names[i], (int64_t)i, MASHA, true, 5};
        upsert(fixture, &viewer, 1);
        load_viewers(fixture, names[i], LOAD_MAX);
        assert_int_equal(fixture->count, 1);
        assert_int_equal(fixture->viewers[0].room_id, i);
    }
}

/* What is noted first is forgotten first. */
static void of_too_many_viewers_the_latest_are_loaded_and_the_oldest_of_them_first(void **state)
{
    struct fixture *fixture = *state;
    tables_execute("insert into events.viewers"
                   " select 1, viewer, 'live', true, 0, now() - viewer * interval '1 s'"
                   " from generate_series(1, 200) as viewer");
    load_viewers(fixture, "live", 100);
    assert_int_equal(fixture->count, 100);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(fixture->viewers[i].viewer_id, 100 - i);
}

static void a_full_batch_of_the_longest_values_is_written(void **state)
{
    struct fixture *fixture = *state;
    enum { COUNT = 1000 };
    char name[136];
    memset(name, '"', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    struct firing *firings = ARENA_ARRAY(fixture->tables.arena, struct firing, COUNT);
    struct viewer_memory *viewers = ARENA_ARRAY(fixture->tables.arena, struct viewer_memory, COUNT);
    for (int64_t i = 0; i < COUNT; i++) {
        firings[i] = (struct firing){FIRST, INT64_MIN, INT64_MIN + i, fixture->now_ms, true};
        viewers[i] = (struct viewer_memory){name, INT64_MIN, INT64_MIN + i, true, INT64_MIN};
    }
    insert_firings(fixture, firings, COUNT);
    upsert(fixture, viewers, COUNT);
    assert_int_equal(tables_execute("select count(*) from events.firings"), COUNT);
    assert_int_equal(tables_execute("select count(*) from events.viewers"), COUNT);
}

/* ---- both ---- */

static void what_is_older_than_a_day_is_forgotten(void **state)
{
    struct fixture *fixture = *state;
    tables_execute("insert into events.firings"
                   " values ('" FIRST "', 1, 0, now() - interval '25 hours'),"
                   "  ('" FIRST "', 2, 0, now() - interval '23 hours')");
    tables_execute("insert into events.viewers"
                   " values (1, 7, 'live', true, 0, now() - interval '25 hours'),"
                   "  (2, 7, 'live', true, 0, now() - interval '23 hours')");
    load_firings(fixture, ANN, LOAD_MAX); /* not even before it is tidied up */
    assert_int_equal(fixture->count, 1);
    assert_ok(&fixture->tables, memories_forget_old(fixture->tables.db));
    assert_int_equal(tables_execute("select sum(room_id) from events.firings"), 2);
    assert_int_equal(tables_execute("select sum(room_id) from events.viewers"), 2);
}

#define MEMORIES_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        MEMORIES_TEST(a_firing_is_counted_whether_or_not_it_is_kept),
        MEMORIES_TEST(a_viewers_cooldown_is_not_counted_again),
        MEMORIES_TEST(a_batch_may_have_the_same_trigger_many_times),
        MEMORIES_TEST(the_latest_of_each_trigger_stream_and_viewer_stays),
        MEMORIES_TEST(triggers_that_are_gone_are_left_out),
        MEMORIES_TEST(a_user_gets_the_firings_of_the_own_triggers),
        MEMORIES_TEST(of_too_many_firings_those_for_anybody_and_the_latest_are_loaded),
        MEMORIES_TEST(a_trigger_that_goes_meanwhile_takes_no_other_along),
        MEMORIES_TEST(who_has_spoken_stays_so_and_diamonds_never_fall),
        MEMORIES_TEST(a_batch_may_have_the_same_viewer_many_times),
        MEMORIES_TEST(viewers_are_those_of_the_streamer),
        MEMORIES_TEST(a_streamer_may_have_any_name),
        MEMORIES_TEST(of_too_many_viewers_the_latest_are_loaded_and_the_oldest_of_them_first),
        MEMORIES_TEST(a_full_batch_of_the_longest_values_is_written),
        MEMORIES_TEST(what_is_older_than_a_day_is_forgotten),
    };
    return cmocka_run_group_tests(tests, tables_make, NULL);
}
