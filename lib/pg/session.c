/* SPDX-License-Identifier: MIT */
#include "lib/pg/session.h"

#include "lib/base/clock.h"
#include "lib/pg/url.h"
#include "lib/pg/wait.h"

#include <inttypes.h>

#define SILENCE_MS 2000 /* past the statement timeout */

/* The bounds of the section that PG_QUERY writes to. Weak: a program may have no queries at all. */
extern const struct pg_query *const __start_pg_queries[] __attribute__((weak));
extern const struct pg_query *const __stop_pg_queries[] __attribute__((weak));

int64_t pg_session_deadline_ms(const struct pg_options *options)
{
    return clock_mono_ms() + options->statement_timeout_ms + SILENCE_MS;
}

static void ignore_notice(void *closure, const PGresult *notice)
{
    (void)closure;
    (void)notice;
}

/* What dbname's URL says counts more than what stands before it: so its password goes first.
 * Our queries look rows up by key: one plan serves all values, and need not be made again at each
 * run. */
static PGconn *connect_to(const struct pg_options *options)
{
    char settings[128];
    snprintf(settings, sizeof(settings),
             "-c statement_timeout=%" PRId64
             " -c timezone=UTC -c plan_cache_mode=force_generic_plan",
             options->statement_timeout_ms);
    char timeout_s[24]; /* libpq takes no less than 2 s */
    snprintf(timeout_s, sizeof(timeout_s), "%" PRId64, (options->connect_timeout_ms + 999) / 1000);
    char silence_ms[24];
    snprintf(silence_ms, sizeof(silence_ms), "%" PRId64,
             options->statement_timeout_ms + SILENCE_MS);

    AUTO(free) char *url = pg_url_for_libpq(options->url);
    const char *const names[] = {"password",        "dbname",           "application_name",
                                 "client_encoding", "options",          "connect_timeout",
                                 "keepalives_idle", "tcp_user_timeout", NULL};
    const char *const values[] = {
        options->password, url, options->application_name, "UTF8", settings, timeout_s, "30",
        silence_ms,        NULL};
    return PQconnectdbParams(names, values, 1);
}

/* Sends all queries at once, in pipeline mode, so that connecting takes one round trip more instead
 * of one for each. A name that is not unique is refused by the server. */
static bool send_queries(PGconn *connection)
{
    if (!PQenterPipelineMode(connection))
        return false;
    const struct pg_query *const *query = __start_pg_queries;
    for (; query < __stop_pg_queries; query++)
        if (!PQsendPrepare(connection, (*query)->name, (*query)->sql, 0, NULL))
            return false;
    return PQpipelineSync(connection) == 1;
}

/* In pipeline mode an answer is a result and a NULL. */
static enum status receive_answer(PGconn *connection, const struct pg_query *query,
                                  int64_t deadline_ms, struct pg_failure *failure)
{
    AUTO(PQclear) PGresult *result = NULL;
    AUTO(PQclear) PGresult *end = NULL;
    if (!pg_wait_result(connection, deadline_ms, &result) || !result ||
        !pg_wait_result(connection, deadline_ms, &end))
        return pg_fail(failure, STATUS_UNAVAILABLE, "prepare", "no answer");
    if (PQresultStatus(result) == PGRES_COMMAND_OK)
        return STATUS_OK;
    enum status status = pg_fail_by_result(failure, query, connection, result);
    /* A query that waits for a migration's lock is no bug. */
    return status == STATUS_TIMEOUT ? STATUS_UNAVAILABLE : status;
}

static enum status receive_answers(PGconn *connection, int64_t deadline_ms,
                                   struct pg_failure *failure)
{
    const struct pg_query *const *query = __start_pg_queries;
    for (; query < __stop_pg_queries; query++) {
        enum status status = receive_answer(connection, *query, deadline_ms, failure);
        if (status != STATUS_OK)
            return status;
    }
    AUTO(PQclear) PGresult *sync = NULL;
    if (!pg_wait_result(connection, deadline_ms, &sync) ||
        PQresultStatus(sync) != PGRES_PIPELINE_SYNC || !PQexitPipelineMode(connection))
        return pg_fail(failure, STATUS_UNAVAILABLE, "prepare", "no answer");
    return STATUS_OK;
}

static enum status prepare_queries(PGconn *connection, const struct pg_options *options,
                                   struct pg_failure *failure)
{
    int64_t deadline_ms = pg_session_deadline_ms(options);
    if (!send_queries(connection))
        return pg_fail(failure, STATUS_UNAVAILABLE, "prepare", PQerrorMessage(connection));
    return receive_answers(connection, deadline_ms, failure);
}

enum status pg_session_open(const struct pg_options *options, struct pg_failure *failure,
                            PGconn **ret_connection)
{
    AUTO(PQfinish) PGconn *connection = connect_to(options);
    if (PQstatus(connection) != CONNECTION_OK || PQsetnonblocking(connection, 1) != 0)
        return pg_fail(failure, STATUS_UNAVAILABLE, "connect", PQerrorMessage(connection));
    PQsetNoticeReceiver(connection, ignore_notice, NULL); /* libpq would print them */
    failure->backend_pid = PQbackendPID(connection);

    enum status status =
        options->is_foreign ? STATUS_OK : prepare_queries(connection, options, failure);
    if (status == STATUS_OK)
        *ret_connection = TAKE(connection);
    return status;
}
