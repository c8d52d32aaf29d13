/* SPDX-License-Identifier: MIT */
/* Licence keys and their owners. Keys are given in their normalised form. Times are RFC 3339 text.
 */
#pragma once

#include "lib/api/call.h"

struct license_key {
    const char *key;
    const char *plan; /* NULL: none */
    const char *status;
    const char *issued_at;
    const char *expires_at; /* NULL: never */
    const char *user_id;    /* NULL: nobody's yet */
    bool is_expired;
};

/* What the best of a user's active keys allows. */
struct entitlement {
    const char *plan_id;
    const char *plan_name;
    const char *platforms; /* "desktop,mobile", sorted */
    bool has_limit;        /* of TikTok accounts */
    int64_t max_tiktok_accounts;
    bool may_change_tiktok;
    const char *voice_engines;
    const char *expires_at;
};

/* Adds an active key that expires days from now. STATUS_CONFLICT when the key exists already. */
MUST_CHECK enum status keys_insert(struct call *call, const char *key, const char *plan,
                                   int64_t days, struct license_key *ret_key);

MUST_CHECK enum status keys_find(struct call *call, const char *key, struct license_key *ret_key);

/* Makes user_id the owner of a key that is active, not expired, and nobody else's, in one
 * conditional update: whatever races, a key gets one owner. STATUS_NOT_FOUND when the key is not in
 * that state. */
MUST_CHECK enum status keys_bind(struct call *call, const char *key, const char *user_id,
                                 struct license_key *ret_key);

/* STATUS_NOT_FOUND when the user has no active key. */
MUST_CHECK enum status keys_find_entitlement(struct call *call, const char *user_id,
                                             struct entitlement *ret_entitlement);

/* The id of the plan of that (normalised) name or alias. */
MUST_CHECK enum status plans_find(struct call *call, const char *name, const char **ret_id);
