/* SPDX-License-Identifier: MIT */
/* Waiting for Postgres with a deadline. The connection is set non-blocking, so that a server that
 * hangs can't hang our thread. */
#pragma once

#include "lib/base/macros.h"

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

/* Sends what is left to send and gives the next result, or NULL where PQgetResult does. False when
 * the monotonic clock has reached deadline_ms or the connection is lost. */
MUST_CHECK bool pg_wait_result(PGconn *connection, int64_t deadline_ms, PGresult **ret_result);

/* Whether the server has closed its side. An idle connection is asked before a statement is spent
 * on it. */
MUST_CHECK bool pg_has_hung_up(PGconn *connection);
