/* SPDX-License-Identifier: MIT */
#include "lib/pg/migrate.h"

#include "lib/base/text.h"
#include "lib/pg/url.h"

#include <stdarg.h>

#define CONNECT_TIMEOUT_S "5"
#define STATEMENT_SIZE 1024

/* One run: where it works and where it explains itself. */
struct run {
    PGconn *connection;
    const struct migrations *migrations;
    char *reason;
    size_t reason_size;
};

static enum status explain(const struct run *run, enum status status, const char *format, ...)
    PRINTF_LIKE(3, 4);

static enum status explain(const struct run *run, enum status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(run->reason, run->reason_size, format, arguments);
    va_end(arguments);
    run->reason[strcspn(run->reason, "\n")] = '\0'; /* libpq's hints follow on lines of their own */
    return status;
}

/* What the connection says last; STATUS_UNAVAILABLE when it is lost. */
static enum status explain_failure(const struct run *run, const char *what)
{
    bool lost = PQstatus(run->connection) != CONNECTION_OK;
    return explain(run, lost ? STATUS_UNAVAILABLE : STATUS_INTERNAL, "%s: %s", what,
                   PQerrorMessage(run->connection));
}

/* Runs SQL text, of several statements perhaps. what names it in an error. */
static enum status execute(const struct run *run, const char *what, const char *sql)
{
    AUTO(PQclear) PGresult *result = PQexec(run->connection, sql);
    ExecStatusType kind = PQresultStatus(result);
    if (kind != PGRES_COMMAND_OK && kind != PGRES_TUPLES_OK)
        return explain_failure(run, what);
    return STATUS_OK;
}

/* The same, with parameters and rows. */
static enum status query(const struct run *run, const char *what, const char *sql, int count,
                         const char *const *values, PGresult **ret_rows)
{
    AUTO(PQclear)
    PGresult *result = PQexecParams(run->connection, sql, count, NULL, values, NULL, NULL, 0);
    ExecStatusType kind = PQresultStatus(result);
    if (kind != PGRES_COMMAND_OK && kind != PGRES_TUPLES_OK)
        return explain_failure(run, what);
    *ret_rows = TAKE(result);
    return STATUS_OK;
}

/* Waits for another replica that migrates. The lock ends with the connection. */
static enum status lock(const struct run *run)
{
    AUTO(PQclear) PGresult *rows = NULL;
    return query(run, "lock", "select pg_advisory_lock(hashtext('ttb migrations of ' || $1))", 1,
                 &run->migrations->schema, &rows);
}

/* `create schema if not exists` would ask for a right that a role with a schema made for it does
 * not need. */
static enum status create_schema(const struct run *run)
{
    const char *schema = run->migrations->schema;
    AUTO(PQclear) PGresult *rows = NULL;
    enum status status =
        query(run, "schema", "select 1 from pg_namespace where nspname = $1", 1, &schema, &rows);
    if (status != STATUS_OK || PQntuples(rows) > 0)
        return status;
    char sql[STATEMENT_SIZE];
    snprintf(sql, sizeof(sql), "create schema %s", schema);
    return execute(run, "schema", sql);
}

static enum status create_history(const struct run *run)
{
    enum status status = create_schema(run);
    if (status != STATUS_OK)
        return status;
    char sql[STATEMENT_SIZE];
    snprintf(sql, sizeof(sql),
             "create table if not exists %s.migrations (number integer primary key, "
             "name text not null, checksum text not null, "
             "applied_at timestamptz not null default now()); "
             "alter table %s.migrations "
             "add column if not exists additive boolean not null default false",
             run->migrations->schema, run->migrations->schema);
    return execute(run, "history", sql);
}

/* A migration that this program does not know. */
static enum status check_newer(const struct run *run, const char *name, bool is_additive)
{
    return is_additive ? STATUS_OK
                       : explain(run, STATUS_CONFLICT,
                                 "the schema is newer than this program: it has %s", name);
}

static enum status check_known(const struct run *run, const PGresult *rows, int row)
{
    const char *name = PQgetvalue(rows, row, PQfnumber(rows, "name"));
    const struct migration *known = &run->migrations->items[row];
    if (pg_int(rows, row, "number") != known->number)
        return explain(run, STATUS_CONFLICT, "the history has %s where this program has %s", name,
                       known->name);
    if (!text_equal(PQgetvalue(rows, row, PQfnumber(rows, "checksum")), known->checksum))
        return explain(run, STATUS_CONFLICT, "%s was edited after it had been applied",
                       known->name);
    return STATUS_OK;
}

/* Compares what was applied with what the program knows, and gives how many were. */
static enum status check_history(const struct run *run, size_t *ret_applied)
{
    const struct migrations *migrations = run->migrations;
    char sql[STATEMENT_SIZE];
    snprintf(sql, sizeof(sql),
             "select number, name, checksum, additive from %s.migrations order by number",
             migrations->schema);
    AUTO(PQclear) PGresult *rows = NULL;
    enum status status = query(run, "history", sql, 0, NULL, &rows);
    if (status != STATUS_OK)
        return status;

    for (int row = 0; row < PQntuples(rows) && status == STATUS_OK; row++)
        status = (size_t)row < migrations->count
                     ? check_known(run, rows, row)
                     : check_newer(run, PQgetvalue(rows, row, PQfnumber(rows, "name")),
                                   pg_bool(rows, row, "additive"));
    if (status == STATUS_OK)
        *ret_applied = (size_t)PQntuples(rows);
    return status;
}

static enum status record(const struct run *run, const struct migration *migration)
{
    char sql[STATEMENT_SIZE];
    snprintf(sql, sizeof(sql),
             "insert into %s.migrations (number, name, checksum, additive) values (%d, $1, $2, %s)",
             run->migrations->schema, migration->number, migration->additive ? "true" : "false");
    const char *const values[] = {migration->name, migration->checksum};
    AUTO(PQclear) PGresult *rows = NULL;
    return query(run, migration->name, sql, ARRAY_LEN(values), values, &rows);
}

/* A failure leaves the transaction open, and the end of the connection rolls it back. */
static enum status apply(const struct run *run, const struct migration *migration)
{
    enum status status = execute(run, migration->name, "begin");
    if (status == STATUS_OK)
        status = execute(run, migration->name, migration->sql);
    if (status == STATUS_OK)
        status = record(run, migration);
    if (status == STATUS_OK)
        status = execute(run, migration->name, "commit");
    return status;
}

static enum status apply_missing(const struct run *run)
{
    size_t applied = 0;
    enum status status = check_history(run, &applied);
    for (size_t i = applied; i < run->migrations->count && status == STATUS_OK; i++)
        status = apply(run, &run->migrations->items[i]);
    return status;
}

static void ignore_notice(void *closure, const PGresult *notice)
{
    (void)closure;
    (void)notice;
}

enum status migrate(const struct pg_options *database, const struct migrations *migrations,
                    char *reason, size_t reason_size)
{
    /* The URL's password counts more than ours before it. */
    const char *const names[] = {"password", "dbname", "application_name", "connect_timeout", NULL};
    AUTO(free) char *url = pg_url_for_libpq(database->url);
    const char *const values[] = {database->password, url, "ttb-migrate", CONNECT_TIMEOUT_S, NULL};
    AUTO(PQfinish) PGconn *connection = PQconnectdbParams(names, values, 1);
    const struct run run = {connection, migrations, reason, reason_size};
    if (PQstatus(connection) != CONNECTION_OK)
        return explain_failure(&run, "connect");
    PQsetNoticeReceiver(connection, ignore_notice, NULL);

    enum status status = lock(&run);
    if (status == STATUS_OK)
        status = create_history(&run);
    if (status == STATUS_OK)
        status = apply_missing(&run);
    return status;
}
