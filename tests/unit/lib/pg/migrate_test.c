/* SPDX-License-Identifier: MIT */
#include "lib/pg/migrate.h"

#include "tests/support/servers.h"

#include <pthread.h>

#define REASON_SIZE 256

static const struct migration first_edited = {1, "0001_one", "select 1", "c1'", false};
static const struct migration all[] = {
    {1, "0001_one",
     "create table migratetest.one (id integer); insert into migratetest.one values (1);", "c1",
     false},
    {2, "0002_two", "create table migratetest.two (id integer); select pg_sleep(0.1);", "c2",
     false},
    {3, "0003_three", "create table migratetest.three (id integer);", "c3", false},
};
static const struct migration broken[] = {
    {1, "0001_one", "create table migratetest.one (id integer)", "c1", false},
    {2, "0002_two", "create table migratetest.two (id integer); select 1 / 0;", "c2", false},
};

static const struct migration additive[] = {
    {1, "0001_one", "create table migratetest.one (id integer)", "c1", false},
    {2, "0002_two", "create table migratetest.two (id integer)", "c2", true},
    {3, "0003_three", "create table migratetest.three (id integer)", "c3", true},
    {4, "0004_four", "drop table migratetest.one", "c4", false},
};

static enum status run(const struct migration *items, size_t count, char reason[REASON_SIZE])
{
    const struct migrations migrations = {"migratetest", items, count};
    reason[0] = '\0';
    const struct pg_options database = {.url = DATABASE_URL};
    return migrate(&database, &migrations, reason, REASON_SIZE);
}

static int execute(const char *sql)
{
    AUTO(PQfinish) PGconn *connection = PQconnectdb(DATABASE_URL);
    AUTO(PQclear) PGresult *result = PQexec(connection, sql);
    assert_int_equal(PQstatus(connection), CONNECTION_OK);
    return PQntuples(result);
}

static int set_up(void **state)
{
    (void)state;
    execute("set client_min_messages = error; drop schema if exists migratetest cascade");
    return 0;
}

static int count_tables(void)
{
    return execute("select 1 from pg_tables where schemaname = 'migratetest' "
                   "and tablename in ('one', 'two', 'three')");
}

static void migrations_run_once_and_in_order(void **state)
{
    (void)state;
    char reason[REASON_SIZE];
    assert_int_equal(run(all, 2, reason), STATUS_OK);
    assert_int_equal(count_tables(), 2);
    assert_int_equal(run(all, 3, reason), STATUS_OK);
    assert_int_equal(run(all, 3, reason), STATUS_OK);
    assert_int_equal(count_tables(), 3);
    assert_int_equal(execute("select 1 from migratetest.one"), 1);
    assert_int_equal(execute("select 1 from migratetest.migrations where name like '000%'"), 3);
}

static void a_service_without_migrations_has_an_empty_history(void **state)
{
    (void)state;
    char reason[REASON_SIZE];
    assert_int_equal(run(NULL, 0, reason), STATUS_OK);
    assert_int_equal(execute("select 1 from migratetest.migrations"), 0);
}

static void an_edited_history_is_refused(void **state)
{
    (void)state;
    char reason[REASON_SIZE];
    assert_int_equal(run(all, 2, reason), STATUS_OK);
    assert_int_equal(run(&first_edited, 1, reason), STATUS_CONFLICT);
    assert_string_equal(reason, "0001_one was edited after it had been applied");
}

static void a_schema_newer_than_the_program_is_refused(void **state)
{
    (void)state;
    char reason[REASON_SIZE];
    assert_int_equal(run(all, 3, reason), STATUS_OK);
    assert_int_equal(run(all, 2, reason), STATUS_CONFLICT);
    assert_string_equal(reason, "the schema is newer than this program: it has 0003_three");
}

static void a_newer_schema_that_only_has_more_is_lived_with(void **state)
{
    (void)state;
    char reason[REASON_SIZE];
    assert_int_equal(run(additive, 3, reason), STATUS_OK);
    assert_int_equal(run(additive, 1, reason), STATUS_OK); /* what was before the upgrade */
    assert_int_equal(count_tables(), 3);
    assert_int_equal(run(additive, 4, reason), STATUS_OK); /* goes on after the newest */
    assert_int_equal(run(additive, 1, reason), STATUS_CONFLICT);
    assert_string_equal(reason, "the schema is newer than this program: it has 0004_four");
}

static void a_history_of_before_additive_was_noted_is_read(void **state)
{
    (void)state;
    char reason[REASON_SIZE];
    assert_int_equal(run(all, 2, reason), STATUS_OK);
    execute("alter table migratetest.migrations drop column additive");
    assert_int_equal(run(all, 3, reason), STATUS_OK);
    assert_int_equal(run(all, 2, reason), STATUS_CONFLICT);
}

static void another_program_s_history_is_refused(void **state)
{
    (void)state;
    char reason[REASON_SIZE];
    assert_int_equal(run(&all[1], 1, reason), STATUS_OK);
    assert_int_equal(run(all, 3, reason), STATUS_CONFLICT);
    assert_string_equal(reason, "the history has 0002_two where this program has 0001_one");
}

static void a_migration_that_fails_leaves_nothing_of_itself(void **state)
{
    (void)state;
    char reason[REASON_SIZE];
    assert_int_equal(run(broken, 2, reason), STATUS_INTERNAL);
    assert_string_equal(reason, "0002_two: ERROR:  division by zero");
    assert_int_equal(count_tables(), 1);
    assert_int_equal(run(all, 3, reason), STATUS_OK); /* goes on where it stopped */
}

static void a_role_may_migrate_a_schema_made_for_it(void **state)
{
    (void)state;
    execute("create role migratetest login");
    execute("create schema migratetest authorization migratetest");
    char url[512];
    char reason[REASON_SIZE];
    snprintf(url, sizeof(url), "%s?user=migratetest", DATABASE_URL);
    const struct migrations migrations = {"migratetest", all, ARRAY_LEN(all)};
    const struct pg_options database = {.url = url};
    enum status status = migrate(&database, &migrations, reason, sizeof(reason));
    execute("drop schema migratetest cascade; drop role migratetest");
    assert_int_equal(status, STATUS_OK);
}

static void a_database_that_is_not_there_is_unavailable(void **state)
{
    (void)state;
    char reason[REASON_SIZE];
    const struct migrations migrations = {"migratetest", all, ARRAY_LEN(all)};
    const struct pg_options nowhere = {.url = "postgresql://nobody@127.0.0.1:1/none"};
    assert_int_equal(migrate(&nowhere, &migrations, reason, sizeof(reason)), STATUS_UNAVAILABLE);
    assert_non_null(strstr(reason, "refused"));
}

static void *migrate_all(void *closure)
{
    char reason[REASON_SIZE];
    *(enum status *)closure = run(all, ARRAY_LEN(all), reason);
    return NULL;
}

static void replicas_may_start_at_once(void **state)
{
    (void)state;
    pthread_t threads[4];
    enum status results[ARRAY_LEN(threads)];
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, migrate_all, &results[i]), 0);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(results[i], STATUS_OK);
    }
    assert_int_equal(count_tables(), 3);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(migrations_run_once_and_in_order),
        TEST(a_service_without_migrations_has_an_empty_history),
        TEST(an_edited_history_is_refused),
        TEST(a_schema_newer_than_the_program_is_refused),
        TEST(a_newer_schema_that_only_has_more_is_lived_with),
        TEST(a_history_of_before_additive_was_noted_is_read),
        TEST(another_program_s_history_is_refused),
        TEST(a_migration_that_fails_leaves_nothing_of_itself),
        TEST(a_role_may_migrate_a_schema_made_for_it),
        TEST(a_database_that_is_not_there_is_unavailable),
        TEST(replicas_may_start_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
