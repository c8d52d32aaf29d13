/* SPDX-License-Identifier: MIT */
/* A connection to Postgres. It belongs to one thread, reconnects by itself before the next
 * statement when it was lost, and runs prepared statements only. The caller states the shape of
 * result it expects.
 *
 * A statement that failed because the connection died, or because the server said nothing until 2 s
 * past the statement timeout, gives STATUS_UNAVAILABLE and is not run again: the caller cannot know
 * whether it took effect. The connection is then tried again by a later statement, at most every
 * 250 ms: those between fail at once. A statement that Postgres itself stopped at the timeout gives
 * STATUS_TIMEOUT. One that it refused gives STATUS_INTERNAL, but for a unique or exclusion
 * violation, which gives STATUS_CONFLICT. */
#pragma once

#include "lib/base/arena.h"
#include "lib/base/log.h"
#include "lib/base/metrics.h"
#include "lib/base/status.h"
#include "lib/pg/query.h"

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

AUTO_DEFINE(PGresult *, PQclear)
AUTO_DEFINE(PGconn *, PQfinish)

struct pg;

/* A statement that took long. */
struct pg_slow {
    const char *query; /* its name, or its text when it has none */
    int64_t duration_ms;
    int backend_pid;               /* as pg_stat_activity and Postgres' own log have it */
    const struct log_scope *scope; /* of the call that it was for; NULL: of none */
};

/* In the connection's thread. What slow points to lasts until the return. */
typedef void (*pg_slow_fn)(const struct pg_slow *slow);

struct pg_options {
    const char *url;              /* postgresql://role:password@host:port/database; lib/pg/url.h */
    const char *password;         /* where the URL has none; NULL or "": none */
    const char *application_name; /* shown in pg_stat_activity */
    int64_t connect_timeout_ms;   /* in whole seconds, at least 2; 0: 5 s */
    int64_t statement_timeout_ms; /* 0: 10 s */
    int64_t slow_statement_ms;    /* on_slow hears of a statement that took longer; 0: of none */
    pg_slow_fn on_slow;
    struct metrics *metrics; /* may be NULL */
    bool is_foreign;         /* another program's database: our queries do not fit there */
};

/* Does not connect yet. The texts of options are borrowed for the life of the connection. */
struct pg *pg_new(const struct pg_options *options);

/* Connects and prepares every registered query, but not in a foreign database. STATUS_UNAVAILABLE
 * when the server can't be reached, STATUS_INTERNAL when a query does not prepare. */
MUST_CHECK enum status pg_connect(struct pg *pg);

bool pg_is_connected(const struct pg *pg);

/* Why the last call failed, for the log; never shown to a client. */
const char *pg_error(const struct pg *pg);

/* ---- calls ---- */

/* What is run from now until pg_end_call is for the call of that scope, which is borrowed as long.
 * When its trace is sampled, Postgres knows it, too: from the call's first statement on the
 * session's application_name is "<application_name> <trace id>". That takes a statement then and
 * another one at the end, but none in a call that runs none. Outside of transactions, both. */
void pg_begin_call(struct pg *pg, const struct log_scope *scope, bool is_sampled);

/* Keeps what pg_error says, unless the session can't be used any longer. */
void pg_end_call(struct pg *pg);

/* ---- parameters: all travel as text; NULL is SQL's null ---- */

struct pg_param {
    const char *text;
    char number[24]; /* the text of an integer */
};

#define PG_TEXT(value) ((struct pg_param){.text = (value)})
struct pg_param pg_param_int(int64_t value);
#define PG_INT(value) (pg_param_int(value))
#define PG_BOOL(value) PG_TEXT((value) ? "t" : "f")
/* A point of time in wall milliseconds, for a timestamptz parameter written as
 * to_timestamp($n::double precision / 1000) — pass with PG_INT. */

/* ---- running; use the macros, which take the parameters as a list of at most 32 ---- */

/* No rows come back. ret_affected may be NULL. */
MUST_CHECK enum status pg_run_none(struct pg *pg, const struct pg_query *query,
                                   int64_t *ret_affected, const struct pg_param *params, int count);
/* Exactly one row; anything else is our bug: STATUS_INTERNAL. */
MUST_CHECK enum status pg_run_one(struct pg *pg, const struct pg_query *query, PGresult **ret_row,
                                  const struct pg_param *params, int count);
/* One row, or STATUS_NOT_FOUND. */
MUST_CHECK enum status pg_run_maybe(struct pg *pg, const struct pg_query *query, PGresult **ret_row,
                                    const struct pg_param *params, int count);
/* Any number of rows. */
MUST_CHECK enum status pg_run_each(struct pg *pg, const struct pg_query *query, PGresult **ret_rows,
                                   const struct pg_param *params, int count);

#define PG_PARAMS(...)                                                                             \
    (const struct pg_param[]){{0}, __VA_ARGS__} + 1,                                               \
        (int)(sizeof((struct pg_param[]){{0}, __VA_ARGS__}) / sizeof(struct pg_param)) - 1
#define pg_none(pg, query, ret_affected, ...)                                                      \
    pg_run_none(pg, &(query), ret_affected, PG_PARAMS(__VA_ARGS__))
#define pg_one(pg, query, ret_row, ...) pg_run_one(pg, &(query), ret_row, PG_PARAMS(__VA_ARGS__))
#define pg_maybe(pg, query, ret_row, ...)                                                          \
    pg_run_maybe(pg, &(query), ret_row, PG_PARAMS(__VA_ARGS__))
#define pg_each(pg, query, ret_rows, ...)                                                          \
    pg_run_each(pg, &(query), ret_rows, PG_PARAMS(__VA_ARGS__))

/* ---- reading rows ---- */

/* Copied to the arena; NULL for SQL's null. */
const char *pg_text(const PGresult *rows, int row, const char *column, struct arena *arena);
int64_t pg_int(const PGresult *rows, int row, const char *column); /* 0 for null */
bool pg_bool(const PGresult *rows, int row, const char *column);   /* false for null */
bool pg_is_null(const PGresult *rows, int row, const char *column);

/* ---- transactions ---- */

/* Runs work between begin and commit; rolls back when work or the commit fails, and gives that
 * status. A connection that is lost in between stays so until the end, so that no part of the work
 * runs outside of the transaction. Not nested. */
typedef enum status (*pg_work_fn)(struct pg *pg, void *closure);
MUST_CHECK enum status pg_transaction(struct pg *pg, pg_work_fn work, void *closure);

void pg_free(struct pg *pg);

AUTO_DEFINE(struct pg *, pg_free)
