/* SPDX-License-Identifier: MIT */
/* A call over the auth schema as the migrations make it, with one user in it. */
#pragma once

#include "lib/api/call.h"
#include "lib/base/clock.h"
#include "lib/pg/migrate.h"
#include "tests/support/servers.h"

#define ANN "11111111-1111-4111-8111-111111111111"

extern const struct migrations auth_migrations;

/* Runs SQL as it stands; gives the first value of its result as a number, 0 for none. */
static inline int64_t fixture_sql(const char *sql)
{
    PGconn *connection = PQconnectdb(DATABASE_URL);
    PGresult *result = PQexec(connection, sql);
    ExecStatusType kind = PQresultStatus(result);
    if (kind != PGRES_COMMAND_OK && kind != PGRES_TUPLES_OK)
        fail_msg("%s: %s", sql, PQerrorMessage(connection));
    int64_t value = PQntuples(result) > 0 ? strtoll(PQgetvalue(result, 0, 0), NULL, 10) : 0;
    PQclear(result);
    PQfinish(connection);
    return value;
}

static inline int fixture_make_schema(void **state)
{
    const struct pg_options database = {.url = DATABASE_URL};
    (void)state;
    fixture_sql("set client_min_messages = error; drop schema if exists auth cascade;"
                "create schema auth");
    char reason[256];
    assert_int_equal(migrate(&database, &auth_migrations, reason, sizeof(reason)), STATUS_OK);
    return 0;
}

static inline int fixture_set_up(void **state)
{
    fixture_sql("delete from auth.users; delete from auth.entitlements; delete from auth.outbox;"
                "insert into auth.users (id, username, password_hash)"
                "  values ('" ANN "', 'ann', '');"
                "insert into auth.settings (user_id) values ('" ANN "')");
    const struct pg_options options = {.url = DATABASE_URL, .application_name = "store_test"};
    struct call *call = calloc(1, sizeof(*call));
    call->arena = arena_new((size_t)1024 * 1024);
    call->db = pg_new(&options);
    call->now_ms = clock_wall_ms();
    if (pg_connect(call->db) != STATUS_OK)
        fail_msg("%s", pg_error(call->db));
    *state = call;
    return 0;
}

static inline int fixture_tear_down(void **state)
{
    struct call *call = *state;
    pg_free(call->db);
    arena_free(call->arena);
    free(call);
    return 0;
}

#define FIXTURE_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
