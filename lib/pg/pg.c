/* SPDX-License-Identifier: MIT */
#include "lib/pg/pg.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "lib/pg/wait.h"

#include <assert.h>
#include <inttypes.h>

#define CONNECT_TIMEOUT_MS 5000
#define STATEMENT_TIMEOUT_MS 10000
#define SILENCE_MS 2000   /* past the statement timeout: a server that says nothing is gone */
#define RETRY_WAIT_MS 250 /* between attempts, so that a dead server costs a request nothing */
#define PARAMS_MAX 32
#define ERROR_SIZE 512

#define SQLSTATE_UNIQUE_VIOLATION "23505"
#define SQLSTATE_EXCLUSION_VIOLATION "23P01"
#define SQLSTATE_QUERY_CANCELED "57014"

/* The bounds of the section that PG_QUERY writes to. Weak: a program may have no queries at all. */
extern const struct pg_query *const __start_pg_queries[] __attribute__((weak));
extern const struct pg_query *const __stop_pg_queries[] __attribute__((weak));

static const struct pg_query begin = {.sql = "begin"};
static const struct pg_query commit = {.sql = "commit"};
static const struct pg_query rollback = {.sql = "rollback"};

struct pg {
    struct pg_options options;
    PGconn *connection; /* NULL: not connected */
    bool in_transaction;
    int64_t retry_at_ms; /* monotonic: no attempt before this */
    char error[ERROR_SIZE];
    struct metric *seconds;
    struct metric *failures;
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
    pg->connects = metrics_counter(options->metrics, "ttb_pg_connects_total",
                                   "Connections made to Postgres.", "");
    pg->connect_failures = metrics_counter(options->metrics, "ttb_pg_connect_failures_total",
                                           "Attempts to connect to Postgres that failed.", "");
    return pg;
}

/* ---- failures ---- */

/* Keeps the first line of what libpq says: the rest holds hints and, at times, values. */
static enum status fail(struct pg *pg, enum status status, const char *what, const char *reason)
{
    int length = (int)strcspn(reason, "\n");
    snprintf(pg->error, sizeof(pg->error), "%s: %.*s", what, length, reason);
    return status;
}

static const char *describe(const struct pg_query *query)
{
    return query->name ? query->name : query->sql;
}

/* Postgres ended the connection: an operator's stop, a crash, a network error. */
static bool is_lost(const char *sqlstate)
{
    return strncmp(sqlstate, "08", 2) == 0 || strncmp(sqlstate, "57P", 3) == 0;
}

static enum status refused(struct pg *pg, const struct pg_query *query, const PGresult *result)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (!sqlstate || !message)
        return fail(pg, STATUS_UNAVAILABLE, describe(query), PQerrorMessage(pg->connection));

    snprintf(pg->error, sizeof(pg->error), "%s: %s %s", describe(query), sqlstate, message);
    if (is_lost(sqlstate))
        return STATUS_UNAVAILABLE;
    if (strcmp(sqlstate, SQLSTATE_UNIQUE_VIOLATION) == 0 ||
        strcmp(sqlstate, SQLSTATE_EXCLUSION_VIOLATION) == 0)
        return STATUS_CONFLICT;
    if (strcmp(sqlstate, SQLSTATE_QUERY_CANCELED) == 0)
        return STATUS_TIMEOUT;
    return STATUS_INTERNAL;
}

static void disconnect(struct pg *pg)
{
    PQfinish(pg->connection);
    pg->connection = NULL;
}

static int64_t statement_deadline_ms(const struct pg *pg)
{
    return clock_mono_ms() + pg->options.statement_timeout_ms + SILENCE_MS;
}

/* ---- connecting ---- */

static void ignore_notice(void *closure, const PGresult *notice)
{
    (void)closure;
    (void)notice;
}

static PGconn *open_connection(const struct pg_options *options)
{
    char settings[128];
    snprintf(settings, sizeof(settings), "-c statement_timeout=%" PRId64 " -c timezone=UTC",
             options->statement_timeout_ms);
    char timeout_s[24]; /* libpq takes no less than 2 s */
    snprintf(timeout_s, sizeof(timeout_s), "%" PRId64, (options->connect_timeout_ms + 999) / 1000);
    char user_timeout_ms[24];
    snprintf(user_timeout_ms, sizeof(user_timeout_ms), "%" PRId64,
             options->statement_timeout_ms + SILENCE_MS);

    const char *const names[] = {
        "dbname",          "application_name", "client_encoding",  "options",
        "connect_timeout", "keepalives_idle",  "tcp_user_timeout", NULL};
    const char *const values[] = {
        options->url, options->application_name, "UTF8", settings, timeout_s,
        "30",         user_timeout_ms,           NULL};
    return PQconnectdbParams(names, values, 1);
}

/* Sends all queries at once, in pipeline mode, so that connecting takes one round trip more instead
 * of one for each. */
static bool send_prepares(PGconn *connection)
{
    const struct pg_query *const *query = __start_pg_queries;
    for (; query < __stop_pg_queries; query++)
        if (!PQsendPrepare(connection, (*query)->name, (*query)->sql, 0, NULL))
            return false;
    return PQpipelineSync(connection) == 1;
}

/* In pipeline mode an answer is a result and a NULL. */
static enum status receive_prepare(struct pg *pg, const struct pg_query *query, int64_t deadline_ms)
{
    AUTO(PQclear) PGresult *result = NULL;
    AUTO(PQclear) PGresult *end = NULL;
    if (!pg_wait_result(pg->connection, deadline_ms, &result) || !result ||
        !pg_wait_result(pg->connection, deadline_ms, &end))
        return fail(pg, STATUS_UNAVAILABLE, "prepare", "no answer");
    if (PQresultStatus(result) == PGRES_COMMAND_OK)
        return STATUS_OK;
    enum status status = refused(pg, query, result);
    /* A statement that waits for a migration's lock is no bug. */
    return status == STATUS_TIMEOUT ? STATUS_UNAVAILABLE : status;
}

static enum status receive_prepares(struct pg *pg)
{
    int64_t deadline_ms = statement_deadline_ms(pg);
    const struct pg_query *const *query = __start_pg_queries;
    for (; query < __stop_pg_queries; query++) {
        enum status status = receive_prepare(pg, *query, deadline_ms);
        if (status != STATUS_OK)
            return status;
    }
    AUTO(PQclear) PGresult *sync = NULL;
    if (!pg_wait_result(pg->connection, deadline_ms, &sync) ||
        PQresultStatus(sync) != PGRES_PIPELINE_SYNC)
        return fail(pg, STATUS_UNAVAILABLE, "prepare", "no answer");
    return STATUS_OK;
}

static enum status prepare_all(struct pg *pg)
{
    if (PQsetnonblocking(pg->connection, 1) != 0 || !PQenterPipelineMode(pg->connection) ||
        !send_prepares(pg->connection))
        return fail(pg, STATUS_UNAVAILABLE, "prepare", PQerrorMessage(pg->connection));
    enum status status = receive_prepares(pg);
    if (status != STATUS_OK)
        return status;
    if (!PQexitPipelineMode(pg->connection))
        return fail(pg, STATUS_UNAVAILABLE, "prepare", PQerrorMessage(pg->connection));
    return STATUS_OK;
}

enum status pg_connect(struct pg *pg)
{
    assert(!pg->in_transaction);
    disconnect(pg);
    pg->connection = open_connection(&pg->options);
    PQsetNoticeReceiver(pg->connection, ignore_notice, NULL);

    enum status status = STATUS_OK;
    if (PQstatus(pg->connection) != CONNECTION_OK)
        status = fail(pg, STATUS_UNAVAILABLE, "connect", PQerrorMessage(pg->connection));
    if (status == STATUS_OK)
        status = prepare_all(pg);
    if (status != STATUS_OK)
        disconnect(pg);
    pg->retry_at_ms = clock_mono_ms() + RETRY_WAIT_MS;
    metric_add(status == STATUS_OK ? pg->connects : pg->connect_failures, 1);
    return status;
}

bool pg_is_connected(const struct pg *pg)
{
    return pg->connection != NULL;
}

const char *pg_error(const struct pg *pg)
{
    return pg->error;
}

static enum status ensure_connected(struct pg *pg)
{
    if (pg->connection && pg_has_hung_up(pg->connection))
        disconnect(pg);
    if (pg->connection)
        return STATUS_OK;
    /* A fresh connection would run the rest of the work outside of its transaction. */
    if (pg->in_transaction)
        return fail(pg, STATUS_UNAVAILABLE, "transaction", "the connection was lost");
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

/* The statement's one result. A connection that ends may add another failure to the first. */
static bool receive_result(PGconn *connection, int64_t deadline_ms, PGresult **ret_result)
{
    AUTO(PQclear) PGresult *first = NULL;
    if (!pg_wait_result(connection, deadline_ms, &first) || !first)
        return false;
    for (;;) {
        AUTO(PQclear) PGresult *more = NULL;
        if (!pg_wait_result(connection, deadline_ms, &more))
            return false;
        if (!more)
            break;
    }
    *ret_result = TAKE(first);
    return true;
}

static enum status exchange(struct pg *pg, const struct pg_query *query,
                            const struct pg_param *params, int count, PGresult **ret_result)
{
    int64_t deadline_ms = statement_deadline_ms(pg);
    if (!send_statement(pg, query, params, count))
        return fail(pg, STATUS_UNAVAILABLE, describe(query), PQerrorMessage(pg->connection));

    AUTO(PQclear) PGresult *result = NULL;
    if (!receive_result(pg->connection, deadline_ms, &result))
        return fail(pg, STATUS_UNAVAILABLE, describe(query), "no answer");

    ExecStatusType kind = PQresultStatus(result);
    if (kind != PGRES_COMMAND_OK && kind != PGRES_TUPLES_OK)
        return refused(pg, query, result);
    *ret_result = TAKE(result);
    return STATUS_OK;
}

static enum status run(struct pg *pg, const struct pg_query *query, const struct pg_param *params,
                       int count, PGresult **ret_result)
{
    enum status status = ensure_connected(pg);
    int64_t start_ns = clock_mono_ns();
    if (status == STATUS_OK) {
        status = exchange(pg, query, params, count, ret_result);
        metric_observe_ns(pg->seconds, clock_mono_ns() - start_ns);
    }
    if (status == STATUS_UNAVAILABLE)
        disconnect(pg);
    metric_add(pg->failures, status != STATUS_OK && status != STATUS_CONFLICT);
    return status;
}

static enum status wrong_shape(struct pg *pg, const struct pg_query *query, const char *expected)
{
    return fail(pg, STATUS_INTERNAL, describe(query), expected);
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
    char reason[ERROR_SIZE];
    memcpy(reason, pg->error, sizeof(reason));
    AUTO(PQclear) PGresult *result = NULL;
    if (pg->connection && run(pg, &rollback, NULL, 0, &result) != STATUS_OK)
        disconnect(pg); /* Postgres rolls back what it has no client for */
    memcpy(pg->error, reason, sizeof(reason));
}

static enum status commit_work(struct pg *pg)
{
    AUTO(PQclear) PGresult *result = NULL;
    enum status status = run(pg, &commit, NULL, 0, &result);
    if (status != STATUS_OK)
        return status;
    /* The commit of a transaction in which a statement failed succeeds, as a rollback. */
    if (strcmp(PQcmdStatus(result), "COMMIT") != 0)
        return fail(pg, STATUS_INTERNAL, "commit", "rolled back, as a statement had failed");
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

void pg_free(struct pg *pg)
{
    if (!pg)
        return;
    disconnect(pg);
    free(pg);
}
