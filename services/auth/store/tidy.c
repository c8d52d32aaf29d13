/* SPDX-License-Identifier: MIT */
#include "services/auth/store/tidy.h"

#include "services/auth/domain/attempts.h"

#include <assert.h>

#define BATCH_ROWS 1000
#define BATCHES_MAX 50 /* of a table at a time */

/* A batch keeps its locks shortly, and passes over rows that somebody else has in hand. */
#define TIDY_QUERY(query, table, condition)                                                        \
    PG_QUERY(query, "delete from " table "\n"                                                      \
                    "where ctid in (\n"                                                            \
                    "  select ctid\n"                                                              \
                    "  from " table "\n"                                                           \
                    "  where " condition "\n"                                                      \
                    "  limit $1::integer\n"                                                        \
                    "  for update skip locked\n"                                                   \
                    ")")

TIDY_QUERY(tidy_sessions, "auth.sessions", "expires_at <= now()");
TIDY_QUERY(tidy_ended_sessions, "auth.ended_sessions", "expires_at <= now()");
TIDY_QUERY(tidy_token_cutoffs, "auth.token_cutoffs", "expires_at <= now()");
TIDY_QUERY(tidy_ws_tokens, "auth.ws_tokens", "expires_at <= now()");
TIDY_QUERY(tidy_login_attempts, "auth.login_attempts",
           "last_failed_at <= now() - interval '1 hour' and blocked_until <= now()");
TIDY_QUERY(tidy_known_addresses, "auth.known_addresses",
           "last_used_at <= now() - interval '90 days'");

static const struct pg_query *const queries[] = {
    &tidy_sessions,  &tidy_ended_sessions, &tidy_token_cutoffs,
    &tidy_ws_tokens, &tidy_login_attempts, &tidy_known_addresses,
};

static_assert(ATTEMPTS_FORGOTTEN_S == 60 * 60, "as the query says");

static enum status tidy_table(struct call *call, const struct pg_query *query)
{
    for (int batch = 0; batch < BATCHES_MAX; batch++) {
        int64_t removed = 0;
        enum status status = pg_run_none(call->db, query, &removed, PG_PARAMS(PG_INT(BATCH_ROWS)));
        if (status != STATUS_OK || removed < BATCH_ROWS)
            return status;
    }
    return STATUS_OK;
}

enum status tidy_tables(struct call *call)
{
    for (size_t i = 0; i < ARRAY_LEN(queries); i++) {
        enum status status = tidy_table(call, queries[i]);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}
