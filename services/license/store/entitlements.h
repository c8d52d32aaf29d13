/* SPDX-License-Identifier: MIT */
/* What a user may do: the plan of the best of the user's active keys. One without expiry is best,
 * then the latest expiry, then the latest issued. A key without a plan allows what Free allows. */
#pragma once

#include "gen/license/messages.h"
#include "lib/api/call.h"

/* As it is now. Version 0 when none of the user's keys was changed since versions are counted. */
MUST_CHECK enum status entitlements_find(struct call *call, const char *user_id,
                                         struct entitlement *ret_entitlement);

/* Raises the version and tells the news, in the transaction that has changed a key of the user's.
 * From here to its end, other changes of the user's keys wait. */
MUST_CHECK enum status entitlements_renew(struct call *call, const char *user_id);

/* Forgets the version of a user who is gone. */
MUST_CHECK enum status entitlements_forget(struct call *call, const char *user_id);
