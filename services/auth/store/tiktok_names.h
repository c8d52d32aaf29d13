/* SPDX-License-Identifier: MIT */
/* The TikTok names that a user has set, each once: they count against the plan's limit. */
#pragma once

#include "lib/api/call.h"
#include "services/auth/domain/plan.h"

/* What the user has set before, seen from name. Needs a transaction, and until its end holds up
 * others that ask the same of the user: of two at once that would find room for one more name, one
 * waits and then finds none. STATUS_NOT_FOUND when the user is gone. */
MUST_CHECK enum status tiktok_names_lock(struct call *call, const char *user_id, const char *name,
                                         struct tiktok_history *ret_history);

/* Records that name is used now. */
MUST_CHECK enum status tiktok_names_upsert(struct call *call, const char *user_id,
                                           const char *name);
