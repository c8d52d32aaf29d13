/* SPDX-License-Identifier: MIT */
/* The copy of what the license service says that a user may do. */
#pragma once

#include "gen/license/messages.h"
#include "lib/api/call.h"

/* Keeps it, unless what is there is as new or newer; a change is told as
 * EVT_AUTH_ENTITLEMENT_CHANGED, and as EVT_AUTH_SETTINGS_CHANGED, since it decides which voices may
 * be used. The user need not exist yet. */
MUST_CHECK enum status entitlements_upsert(struct call *call,
                                           const struct entitlement *entitlement);
