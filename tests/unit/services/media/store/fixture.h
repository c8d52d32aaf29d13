/* SPDX-License-Identifier: MIT */
/* A call over the media schema as the migrations make it, empty. */
#pragma once

#include "lib/api/call.h"
#include "lib/base/clock.h"
#include "lib/pg/migrate.h"
#include "services/media/store/owners.h"
#include "services/media/store/sounds.h"
#include "tests/support/servers.h"

#define ANN "11111111-1111-4111-8111-111111111111"
#define BOB "22222222-2222-4222-8222-222222222222"
#define TRIGGER "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
#define OTHER_TRIGGER "bbbbbbbb-bbbb-4ccc-8ddd-eeeeeeeeeeee"

extern const struct migrations media_migrations;

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
    fixture_sql("set client_min_messages = error; drop schema if exists media cascade;"
                "create schema media");
    char reason[256];
    assert_int_equal(migrate(&database, &media_migrations, reason, sizeof(reason)), STATUS_OK);
    return 0;
}

static inline struct call *fixture_call(void)
{
    const struct pg_options options = {.url = DATABASE_URL, .application_name = "store_test"};
    struct call *call = calloc(1, sizeof(*call));
    call->arena = arena_new((size_t)1024 * 1024);
    call->db = pg_new(&options);
    call->now_ms = clock_wall_ms();
    call->deadline_ms = call->now_ms + 10000;
    if (pg_connect(call->db) != STATUS_OK)
        fail_msg("%s", pg_error(call->db));
    return call;
}

static inline void fixture_free(struct call *call)
{
    pg_free(call->db);
    arena_free(call->arena);
    free(call);
}

static inline int fixture_set_up(void **state)
{
    fixture_sql("delete from media.sound_uses; delete from media.sounds; delete from media.owners");
    *state = fixture_call();
    return 0;
}

static inline int fixture_tear_down(void **state)
{
    fixture_free(*state);
    return 0;
}

/* A sound of 1000 bytes, without a file. */
static inline void fixture_add(struct call *call, const char *user_id, const char *filename)
{
    const struct sound sound = {
        .filename = filename, .bytes = 1000, .duration_ms = 500, .format = "wav"};
    assert_int_equal(owners_lock(call, user_id, NULL), STATUS_OK);
    assert_int_equal(sounds_insert(call, user_id, &sound), STATUS_OK);
}

#define FIXTURE_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
