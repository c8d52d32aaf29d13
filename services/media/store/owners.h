/* SPDX-License-Identifier: MIT */
/* Users who have, or had, sounds. Whoever changes a user's sounds, in the database or on the disk,
 * holds the lock of the user's row. */
#pragma once

#include "lib/api/call.h"
#include "lib/api/list.h"

/* Locks the user's row, which is made where it is missing, until the end of the open transaction.
 * ret_is_erased may be NULL. */
MUST_CHECK enum status owners_lock(struct call *call, const char *user_id, bool *ret_is_erased);

/* In an open transaction: locks, marks the user as erased, and deletes what there is of sounds and
 * their uses. */
MUST_CHECK enum status owners_erase(struct call *call, const char *user_id, int64_t *ret_sounds);

/* Ids (const char *) of users erased within the last hour, at most a thousand. */
MUST_CHECK enum status owners_erased_lately(struct call *call, struct list *ret_ids);

/* Forgets users who have no sounds, and those erased more than 30 days ago: an upload that began
 * before that is over. A bounded number each time; outside of a transaction. Replicas may do it at
 * once. */
MUST_CHECK enum status owners_tidy(struct call *call);
