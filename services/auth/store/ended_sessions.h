/* SPDX-License-Identifier: MIT */
/* What ended before its tokens have expired, for the gateways: sessions, and cutoffs for all of a
 * user's tokens. */
#pragma once

#include "gen/auth/messages.h"
#include "lib/api/call.h"

#define ENDED_SESSIONS_PAGE 2000 /* fits into one reply */

/* The database's wall time. */
MUST_CHECK enum status ended_sessions_now(struct call *call, int64_t *ret_now_ms);

/* Fills in sessions, cutoffs and next: what ended at since_ms or later (with an allowance for
 * transactions that were open then), both together in the order of their ids, after the id `after`
 * (NULL: from the first). */
MUST_CHECK enum status ended_sessions_page(struct call *call, int64_t since_ms, const char *after,
                                           struct ended_sessions_reply *page);
