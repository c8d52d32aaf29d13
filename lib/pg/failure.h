/* SPDX-License-Identifier: MIT */
/* Why a call failed, as status and as text for the log. Internal to lib/pg. */
#pragma once

#include "lib/base/status.h"
#include "lib/pg/query.h"

#include <libpq-fe.h>

struct pg_failure {
    char text[512];
    int backend_pid; /* of the session that failures come from; 0: none */
};

/* The query's name, or its text when it has none. */
const char *pg_describe(const struct pg_query *query);

/* Notes "what: reason (backend 4711)", the first line of each, and gives status back. */
MUST_CHECK enum status pg_fail(struct pg_failure *failure, enum status status, const char *what,
                               const char *reason);

/* Notes "query: SQLSTATE message (backend 4711)". The status of what Postgres refused, by its
 * SQLSTATE; STATUS_UNAVAILABLE when the connection
 * ended instead. */
MUST_CHECK enum status pg_fail_by_result(struct pg_failure *failure, const struct pg_query *query,
                                         PGconn *connection, const PGresult *result);
