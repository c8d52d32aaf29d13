/* SPDX-License-Identifier: MIT */
#include "services/events/store/streams.h"

#include "lib/base/text.h"
#include "lib/pg/migrate.h"
#include "tests/support/servers.h"

#define ANN "11111111-2222-4333-8444-555555555555"
#define BOB "22222222-2222-4333-8444-555555555555"

extern const struct migrations events_migrations;

struct fixture {
    struct pg_options database;
    struct pg *db;
    struct arena *arena;
    struct watch *watches; /* of the last claim */
    size_t count;
};

static void execute(const char *sql)
{
    AUTO(PQfinish) PGconn *connection = PQconnectdb(DATABASE_URL);
    AUTO(PQclear) PGresult *result = PQexec(connection, sql);
    assert_int_equal(PQresultStatus(result), PGRES_COMMAND_OK);
}

static int count_leases(void)
{
    AUTO(PQfinish) PGconn *connection = PQconnectdb(DATABASE_URL);
    AUTO(PQclear) PGresult *result = PQexec(connection, "select 1 from events.streams");
    return PQntuples(result);
}

static int set_up(void **state)
{
    char reason[512] = "";
    execute("set client_min_messages = error; drop schema if exists events cascade;"
            "create schema events");
    assert_int_equal(migrate(DATABASE_URL, &events_migrations, reason, sizeof(reason)), STATUS_OK);
    static struct fixture fixture;
    fixture = (struct fixture){.database = {.url = DATABASE_URL}, .arena = arena_new(1 << 20)};
    fixture.db = pg_new(&fixture.database);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    pg_free(fixture->db);
    arena_free(fixture->arena);
    return 0;
}

static void watch(struct fixture *fixture, const char *user_id, const char *name)
{
    assert_int_equal(watches_upsert(fixture->db, user_id, name, WATCH_CHOSEN), STATUS_OK);
}

static size_t claim(struct fixture *fixture, const char *owner)
{
    assert_int_equal(
        streams_claim(fixture->db, owner, fixture->arena, &fixture->watches, &fixture->count),
        STATUS_OK);
    return fixture->count;
}

static void a_user_watches_one_live(void **state)
{
    struct fixture *fixture = *state;
    watch(fixture, ANN, "old");
    watch(fixture, ANN, "new");
    assert_int_equal(claim(fixture, "a"), 1);
    assert_string_equal(fixture->watches[0].user_id, ANN);
    assert_string_equal(fixture->watches[0].username, "new");
}

static void a_live_is_held_by_one_replica_until_it_gives_it_back(void **state)
{
    struct fixture *fixture = *state;
    watch(fixture, ANN, "one");
    watch(fixture, BOB, "one");
    assert_int_equal(claim(fixture, "a"), 2);
    assert_int_equal(claim(fixture, "b"), 0);
    assert_int_equal(claim(fixture, "a"), 2);
    assert_int_equal(streams_release(fixture->db, "a"), STATUS_OK);
    assert_int_equal(claim(fixture, "b"), 2);
}

static void a_lease_that_was_not_renewed_is_taken_over(void **state)
{
    struct fixture *fixture = *state;
    watch(fixture, ANN, "one");
    assert_int_equal(claim(fixture, "a"), 1);
    execute("update events.streams set renewed_at = now() - interval '16 s'");
    assert_int_equal(claim(fixture, "b"), 1);
    assert_int_equal(claim(fixture, "a"), 0);
}

static void a_watch_that_ran_out_is_gone(void **state)
{
    struct fixture *fixture = *state;
    watch(fixture, ANN, "one");
    execute("update events.watches set wanted_until = now()");
    assert_int_equal(claim(fixture, "a"), 0);
    int64_t deleted = 1;
    assert_int_equal(watches_delete(fixture->db, ANN, &deleted), STATUS_OK);
    assert_int_equal(deleted, 0);
}

static void a_deleted_watch_leaves_the_others(void **state)
{
    struct fixture *fixture = *state;
    watch(fixture, ANN, "one");
    watch(fixture, BOB, "one");
    int64_t deleted = 0;
    assert_int_equal(watches_delete(fixture->db, ANN, &deleted), STATUS_OK);
    assert_int_equal(deleted, 1);
    assert_int_equal(claim(fixture, "a"), 1);
    assert_string_equal(fixture->watches[0].user_id, BOB);
}

static void leases_that_are_long_over_are_forgotten(void **state)
{
    struct fixture *fixture = *state;
    watch(fixture, ANN, "one");
    watch(fixture, BOB, "two");
    assert_int_equal(claim(fixture, "a"), 2);
    execute("update events.streams set renewed_at = now() - interval '61 s' "
            "where username = 'one'");
    assert_int_equal(streams_forget_old(fixture->db), STATUS_OK);
    assert_int_equal(count_leases(), 1);
    assert_int_equal(claim(fixture, "b"), 1);
    assert_string_equal(fixture->watches[0].username, "one");
}

#define STREAMS_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STREAMS_TEST(a_user_watches_one_live),
        STREAMS_TEST(a_live_is_held_by_one_replica_until_it_gives_it_back),
        STREAMS_TEST(a_lease_that_was_not_renewed_is_taken_over),
        STREAMS_TEST(a_watch_that_ran_out_is_gone),
        STREAMS_TEST(a_deleted_watch_leaves_the_others),
        STREAMS_TEST(leases_that_are_long_over_are_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
