/* SPDX-License-Identifier: MIT */
/* The copy of what the license service says that a user may do. */
#pragma once

#include "gen/license/messages.h"
#include "lib/api/call.h"

MUST_CHECK enum status entitlements_upsert(struct call *call, const char *user_id,
                                           const struct entitlement_reply *entitlement);
