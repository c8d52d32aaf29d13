/* SPDX-License-Identifier: MIT */
#include "lib/pg/failure.h"

#include "lib/base/text.h"

static const char unique_violation[] = "23505";
static const char exclusion_violation[] = "23P01";
static const char query_canceled[] = "57014";
static const char connection_class[] = "08";
static const char shutdown_class[] = "57P"; /* an operator's stop, a crash, a server starting up */

const char *pg_describe(const struct pg_query *query)
{
    return query->name ? query->name : query->sql;
}

static int first_line(const char *text)
{
    return (int)strcspn(text, "\n");
}

/* As pg_stat_activity and Postgres' own log call the session. */
static void add_backend(struct pg_failure *failure)
{
    size_t size = strlen(failure->text);
    if (failure->backend_pid > 0)
        snprintf(failure->text + size, sizeof(failure->text) - size, " (backend %d)",
                 failure->backend_pid);
}

/* libpq's further lines hold hints and, at times, values; those of a statement only length. */
enum status pg_fail(struct pg_failure *failure, enum status status, const char *what,
                    const char *reason)
{
    snprintf(failure->text, sizeof(failure->text), "%.*s: %.*s", first_line(what), what,
             first_line(reason), reason);
    add_backend(failure);
    return status;
}

static enum status status_from_sqlstate(const char *sqlstate)
{
    if (text_starts_with(sqlstate, connection_class) || text_starts_with(sqlstate, shutdown_class))
        return STATUS_UNAVAILABLE;
    if (text_equal(sqlstate, unique_violation) || text_equal(sqlstate, exclusion_violation))
        return STATUS_CONFLICT;
    if (text_equal(sqlstate, query_canceled))
        return STATUS_TIMEOUT;
    return STATUS_INTERNAL;
}

enum status pg_fail_by_result(struct pg_failure *failure, const struct pg_query *query,
                              PGconn *connection, const PGresult *result)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (!sqlstate || !message)
        return pg_fail(failure, STATUS_UNAVAILABLE, pg_describe(query), PQerrorMessage(connection));
    const char *what = pg_describe(query);
    snprintf(failure->text, sizeof(failure->text), "%.*s: %s %s", first_line(what), what, sqlstate,
             message);
    add_backend(failure);
    return status_from_sqlstate(sqlstate);
}
