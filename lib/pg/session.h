/* SPDX-License-Identifier: MIT */
/* A fresh connection: settings made, every registered query prepared unless the database is
 * foreign, non-blocking. Internal to lib/pg. */
#pragma once

#include "lib/base/status.h"
#include "lib/pg/failure.h"
#include "lib/pg/pg.h"

/* Failures of the session are failure's from now on. STATUS_UNAVAILABLE when the server can't be
 * reached, STATUS_INTERNAL when a query does not prepare. The timeouts of options are set. */
MUST_CHECK enum status pg_session_open(const struct pg_options *options, struct pg_failure *failure,
                                       PGconn **ret_connection);

/* The point of the monotonic clock at which a server that has not answered is given up: it should
 * have stopped the statement itself before. */
int64_t pg_session_deadline_ms(const struct pg_options *options);
