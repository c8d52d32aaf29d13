/* SPDX-License-Identifier: MIT */
/* Changes of keys. Each is a transaction: the key, the audit's row and the news of it, and, where
 * the key has an owner, what that user may do now (entitlements.h). One that would alter nothing
 * writes nothing and succeeds. ret_key is the key as it is afterwards; STATUS_NOT_FOUND when there
 * is none.
 */
#pragma once

#include "services/license/store/keys.h"

/* ---- by an administrator ---- */

MUST_CHECK enum status keys_revoke(struct call *call, const char *key, struct license_key *ret_key);

/* Lengthens the term, from the later of now and its end, never past the year 9999, and makes the
 * key active. One that never expires stays so. */
MUST_CHECK enum status keys_extend(struct call *call, const char *key, int64_t days,
                                   struct license_key *ret_key);

/* plan may be NULL: none. */
MUST_CHECK enum status keys_set_plan(struct call *call, const char *key, const char *plan,
                                     struct license_key *ret_key);

/* ---- by a user ---- */

/* Makes user_id the owner of a key that is active, not expired, and nobody's. Otherwise nothing
 * changes, and ret_key tells why. */
MUST_CHECK enum status keys_bind(struct call *call, const char *key, const char *user_id,
                                 struct license_key *ret_key);
