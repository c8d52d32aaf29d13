/* SPDX-License-Identifier: MIT */
#include "lib/pg/pg.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "lib/pg/failure.h"
#include "lib/pg/session.h"
#include "lib/pg/wait.h"

#include <assert.h>

#define CONNECT_TIMEOUT_MS 5000
#define STATEMENT_TIMEOUT_MS 10000
#define RETRY_WAIT_MS 250 /* between attempts, so that a dead server costs a request nothing */
#define PARAMS_MAX 32
#define SESSION_NAME_SIZE 64 /* Postgres keeps no more */

PG_QUERY(pg_name_session, "select set_config('application_name', $1, false)");

static const struct pg_query begin = {.sql = "begin"};
static const struct pg_query commit = {.sql = "commit"};
static const struct pg_query rollback = {.sql = "rollback"};
static const struct pg_query reset_name = {.sql = "reset application_name"};

struct pg {
    struct pg_options options;
    PGconn *connection; /* NULL: not connected */
    bool in_transaction;
    const struct log_scope *scope; /* of the call in hand; NULL: none */
    bool is_sampled;               /* its trace */
    bool is_named;                 /* the session, by the trace */
    int64_t retry_at_ms;           /* monotonic: no attempt before this */
    struct pg_failure failure;     /* the last one */
    struct metric *seconds;
    struct metric *failures;
    struct metric *connections;
    struct metric *connects;
    struct metric *connect_failures;
};

struct pg *pg_new(const struct pg_options *options)
{
    struct pg *pg = calloc(1, sizeof(*pg));
    if (!pg)
        abort();
    pg->options = *options;
    if (pg->options.connect_timeout_ms == 0)
        pg->options.connect_timeout_ms = CONNECT_TIMEOUT_MS;
    if (pg->options.statement_timeout_ms == 0)
        pg->options.statement_timeout_ms = STATEMENT_TIMEOUT_MS;
    if (!options->metrics)
        return pg;
    pg->seconds = metrics_histogram(options->metrics, "ttb_pg_statement_seconds",
                                    "Time that Postgres took for a statement.", "");
    pg->failures =
        metrics_counter(options->metrics, "ttb_pg_failures_total", "Statements that failed.", "");
    pg->connections = metrics_gauge(options->metrics, "ttb_pg_connections",
                                    "Connections to Postgres that are open.", "");
    pg->connects = metrics_counter(options->metrics, "ttb_pg_connects_total",
                                   "Connections made to Postgres.", "");
    pg->connect_failures = metrics_counter(options->metrics, "ttb_pg_connect_failures_total",
                                           "Attempts to connect to Postgres that failed.", "");
    return pg;
}

static enum status unavailable(struct pg *pg, const char *what, const char *reason)
{
    return pg_fail(&pg->failure, STATUS_UNAVAILABLE, what, reason);
}

static void disconnect(struct pg *pg)
{
    metric_add(pg->connections, pg->connection ? -1 : 0);
    PQfinish(TAKE(pg->connection));
    pg->failure.backend_pid = 0;
    pg->is_named = false;
}

/* ---- connecting ---- */

enum status pg_connect(struct pg *pg)
{
    assert(!pg->in_transaction);
    disconnect(pg);
    enum status status = pg_session_open(&pg->options, &pg->failure, &pg->connection);
    pg->retry_at_ms = clock_mono_ms() + RETRY_WAIT_MS;
    metric_add(status == STATUS_OK ? pg->connects : pg->connect_failures, 1);
    metric_add(pg->connections, status == STATUS_OK);
    return status;
}

bool pg_is_connected(const struct pg *pg)
{
    return pg->connection != NULL;
}

const char *pg_error(const struct pg *pg)
{
    return pg->failure.text;
}

static enum status ensure_connected(struct pg *pg)
{
    if (pg->connection && pg_has_hung_up(pg->connection))
        disconnect(pg);
    if (pg->connection)
        return STATUS_OK;
    /* A fresh connection would run the rest of the work outside of its transaction. */
    if (pg->in_transaction)
        return unavailable(pg, "transaction", "the connection was lost");
    if (clock_mono_ms() < pg->retry_at_ms)
        return STATUS_UNAVAILABLE;
    return pg_connect(pg);
}

/* ---- running ---- */

static bool send_statement(struct pg *pg, const struct pg_query *query,
                           const struct pg_param *params, int count)
{
    assert(count <= PARAMS_MAX);
    const char *values[PARAMS_MAX];
    for (int i = 0; i < count; i++)
        values[i] = params[i].number[0] ? params[i].number : params[i].text;
    if (!query->name)
        return PQsendQueryParams(pg->connection, query->sql, count, NULL, values, NULL, NULL, 0);
    return PQsendQueryPrepared(pg->connection, query->name, count, values, NULL, NULL, 0);
}

static bool is_good(const PGresult *result)
{
    ExecStatusType kind = PQresultStatus(result);
    return kind == PGRES_COMMAND_OK || kind == PGRES_TUPLES_OK;
}

/* Whether the session is ready for the next statement. ret_result is what this one gave, also when
 * the session has ended with it, which may add another failure; NULL for nothing. */
static bool receive_result(PGconn *connection, int64_t deadline_ms, PGresult **ret_result)
{
    if (!pg_wait_result(connection, deadline_ms, ret_result) || !*ret_result)
        return false;
    for (;;) {
        AUTO(PQclear) PGresult *more = NULL;
        if (!pg_wait_result(connection, deadline_ms, &more))
            return false;
        if (!more)
            return true;
    }
}

static enum status exchange(struct pg *pg, const struct pg_query *query,
                            const struct pg_param *params, int count, PGresult **ret_result)
{
    int64_t deadline_ms = pg_session_deadline_ms(&pg->options);
    if (!send_statement(pg, query, params, count))
        return unavailable(pg, pg_describe(query), PQerrorMessage(pg->connection));

    AUTO(PQclear) PGresult *result = NULL;
    bool is_ready = receive_result(pg->connection, deadline_ms, &result);
    if (!is_ready && (!result || is_good(result)))
        return unavailable(pg, pg_describe(query), "no answer");
    if (!is_good(result)) {
        enum status status = pg_fail_by_result(&pg->failure, query, pg->connection, result);
        return is_ready ? status : STATUS_UNAVAILABLE;
    }
    *ret_result = TAKE(result);
    return STATUS_OK;
}

static void report_if_slow(const struct pg *pg, const struct pg_query *query, int64_t duration_ms)
{
    if (pg->options.slow_statement_ms == 0 || duration_ms <= pg->options.slow_statement_ms)
        return;
    const struct pg_slow slow = {pg_describe(query), duration_ms, pg->failure.backend_pid,
                                 pg->scope};
    pg->options.on_slow(&slow);
}

static enum status timed_exchange(struct pg *pg, const struct pg_query *query,
                                  const struct pg_param *params, int count, PGresult **ret_result)
{
    int64_t start_ns = clock_mono_ns();
    enum status status = exchange(pg, query, params, count, ret_result);
    int64_t duration_ns = clock_mono_ns() - start_ns;
    metric_observe_ns(pg->seconds, duration_ns);
    report_if_slow(pg, query, duration_ns / 1000000);
    return status;
}

/* Once for a call and session. Never in a transaction, which would take the name back with all else
 * when it fails. A session that can't be named serves all the same, unless it is lost. */
static enum status name_session(struct pg *pg)
{
    if (!pg->is_sampled || pg->is_named || pg->in_transaction)
        return STATUS_OK;
    char name[SESSION_NAME_SIZE];
    const char *application = pg->options.application_name;
    snprintf(name, sizeof(name), "%s %s", application ? application : "", pg->scope->trace_id);
    const struct pg_param param = PG_TEXT(name);
    AUTO(PQclear) PGresult *row = NULL;
    pg->is_named = true;
    enum status status = timed_exchange(pg, &pg_name_session, &param, 1, &row);
    return status == STATUS_UNAVAILABLE ? status : STATUS_OK;
}

static enum status run(struct pg *pg, const struct pg_query *query, const struct pg_param *params,
                       int count, PGresult **ret_result)
{
    enum status status = ensure_connected(pg);
    if (status == STATUS_OK)
        status = name_session(pg);
    if (status == STATUS_OK)
        status = timed_exchange(pg, query, params, count, ret_result);
    if (status == STATUS_UNAVAILABLE)
        disconnect(pg);
    metric_add(pg->failures, status != STATUS_OK && status != STATUS_CONFLICT);
    return status;
}

static enum status wrong_shape(struct pg *pg, const struct pg_query *query, const char *expected)
{
    return pg_fail(&pg->failure, STATUS_INTERNAL, pg_describe(query), expected);
}

enum status pg_run_none(struct pg *pg, const struct pg_query *query, int64_t *ret_affected,
                        const struct pg_param *params, int count)
{
    AUTO(PQclear) PGresult *result = NULL;
    enum status status = run(pg, query, params, count, &result);
    if (status != STATUS_OK)
        return status;
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        return wrong_shape(pg, query, "gave rows where none were expected");
    if (ret_affected && !text_parse_int(PQcmdTuples(result), 0, INT64_MAX, ret_affected))
        return wrong_shape(pg, query, "has no count of affected rows");
    return STATUS_OK;
}

enum status pg_run_each(struct pg *pg, const struct pg_query *query, PGresult **ret_rows,
                        const struct pg_param *params, int count)
{
    AUTO(PQclear) PGresult *result = NULL;
    enum status status = run(pg, query, params, count, &result);
    if (status != STATUS_OK)
        return status;
    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        return wrong_shape(pg, query, "gave no rows where some were expected");
    *ret_rows = TAKE(result);
    return STATUS_OK;
}

enum status pg_run_maybe(struct pg *pg, const struct pg_query *query, PGresult **ret_row,
                         const struct pg_param *params, int count)
{
    AUTO(PQclear) PGresult *rows = NULL;
    enum status status = pg_run_each(pg, query, &rows, params, count);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(rows) > 1)
        return wrong_shape(pg, query, "gave more than one row");
    if (PQntuples(rows) == 0)
        return STATUS_NOT_FOUND;
    *ret_row = TAKE(rows);
    return STATUS_OK;
}

enum status pg_run_one(struct pg *pg, const struct pg_query *query, PGresult **ret_row,
                       const struct pg_param *params, int count)
{
    enum status status = pg_run_maybe(pg, query, ret_row, params, count);
    if (status == STATUS_NOT_FOUND)
        return wrong_shape(pg, query, "gave no row where one was expected");
    return status;
}

/* ---- transactions ---- */

/* Keeps the error of what failed first. */
static void roll_back(struct pg *pg)
{
    struct pg_failure first = pg->failure;
    AUTO(PQclear) PGresult *result = NULL;
    if (pg->connection && run(pg, &rollback, NULL, 0, &result) != STATUS_OK)
        disconnect(pg); /* Postgres rolls back what it has no client for */
    memcpy(pg->failure.text, first.text, sizeof(first.text));
}

static enum status commit_work(struct pg *pg)
{
    AUTO(PQclear) PGresult *result = NULL;
    enum status status = run(pg, &commit, NULL, 0, &result);
    if (status != STATUS_OK)
        return status;
    /* The commit of a transaction in which a statement failed succeeds, as a rollback. */
    if (strcmp(PQcmdStatus(result), "COMMIT") != 0)
        return pg_fail(&pg->failure, STATUS_INTERNAL, "commit",
                       "rolled back, as a statement had failed");
    return STATUS_OK;
}

enum status pg_transaction(struct pg *pg, pg_work_fn work, void *closure)
{
    assert(!pg->in_transaction);
    AUTO(PQclear) PGresult *result = NULL;
    enum status status = run(pg, &begin, NULL, 0, &result);
    if (status != STATUS_OK)
        return status;
    pg->in_transaction = true;
    status = work(pg, closure);
    if (status == STATUS_OK)
        status = commit_work(pg);
    else
        roll_back(pg);
    pg->in_transaction = false;
    return status;
}

/* ---- calls ---- */

void pg_begin_call(struct pg *pg, const struct log_scope *scope, bool is_sampled)
{
    assert(!pg->in_transaction && !pg->is_named);
    assert(!is_sampled || (scope->trace_id && !pg->options.is_foreign));
    pg->scope = scope;
    pg->is_sampled = is_sampled;
}

void pg_end_call(struct pg *pg)
{
    assert(!pg->in_transaction);
    AUTO(PQclear) PGresult *result = NULL;
    if (pg->is_named && timed_exchange(pg, &reset_name, NULL, 0, &result) != STATUS_OK)
        disconnect(pg); /* the next session has its own name again */
    pg->is_named = false;
    pg->is_sampled = false;
    pg->scope = NULL;
}

void pg_free(struct pg *pg)
{
    if (!pg)
        return;
    disconnect(pg);
    free(pg);
}
