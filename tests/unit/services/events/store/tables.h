/* SPDX-License-Identifier: MIT */
/* The tables of events in a real Postgres, and what a store function needs to reach them. */
#pragma once

#include "lib/api/call.h"
#include "lib/pg/migrate.h"
#include "tests/support/servers.h"

#define ANN "11111111-2222-4333-8444-555555555555"
#define BOB "22222222-2222-4333-8444-555555555555"

extern const struct migrations events_migrations;

struct tables {
    struct pg_options database;
    struct pg *db;
    struct arena *arena;
    struct call call;
};

/* Runs SQL as it stands; gives the first value of its result as a number, 0 for none. */
static inline int64_t tables_execute(const char *sql)
{
    AUTO(PQfinish) PGconn *connection = PQconnectdb(DATABASE_URL);
    AUTO(PQclear) PGresult *result = PQexec(connection, sql);
    ExecStatusType kind = PQresultStatus(result);
    if (kind != PGRES_COMMAND_OK && kind != PGRES_TUPLES_OK)
        fail_msg("%s: %s", sql, PQerrorMessage(connection));
    return PQntuples(result) > 0 ? strtoll(PQgetvalue(result, 0, 0), NULL, 10) : 0;
}

/* A group's set-up: the tables as the migrations make them. */
static inline int tables_make(void **state)
{
    const struct pg_options database = {.url = DATABASE_URL};
    (void)state;
    char reason[512] = "";
    tables_execute("set client_min_messages = error; drop schema if exists events cascade;"
                   "create schema events");
    if (migrate(&database, &events_migrations, reason, sizeof(reason)) != STATUS_OK)
        fail_msg("%s", reason);
    return 0;
}

/* With nothing in the tables of lives. */
static inline void tables_open(struct tables *tables)
{
    tables_execute("truncate events.watches, events.streams, events.triggers, events.firings,"
                   "  events.viewers, events.sound_claims");
    *tables = (struct tables){.database = {.url = DATABASE_URL}, .arena = arena_new(1 << 24)};
    tables->db = pg_new(&tables->database);
    tables->call = (struct call){.arena = tables->arena, .db = tables->db};
}

static inline void tables_close(struct tables *tables)
{
    pg_free(tables->db);
    arena_free(tables->arena);
}

/* The statement worked. */
#define assert_ok(tables, statement)                                                               \
    do {                                                                                           \
        if ((statement) != STATUS_OK)                                                              \
            fail_msg("%s: %s", #statement, pg_error((tables)->db));                                \
    } while (0)
