/* SPDX-License-Identifier: MIT */
/* Removing what has had its time. */
#pragma once

#include "lib/api/call.h"

/* Removes expired sessions, their ends and cutoffs, expired tokens of the old API, forgotten wrong
 * passwords, and addresses that a user has not signed in from for 90 days; a bounded number each
 * time. Replicas may do it at once. */
MUST_CHECK enum status tidy_tables(struct call *call);
