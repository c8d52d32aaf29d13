/* SPDX-License-Identifier: MIT */
/* What several endpoints read out of their requests, and write into their replies. */
#pragma once

#include "gen/license/messages.h"
#include "services/license/license.h"
#include "services/license/store/keys.h"

/* The id of the plan that a client names; NULL for none. 400 `invalid plan`. */
MUST_CHECK enum status plan_resolve(struct call *call, const char *name, const char **ret_plan);

/* The days for which a client wants a key. 400 `invalid ttl_days`. */
MUST_CHECK enum status term_resolve(struct call *call, bool has_days, int64_t days,
                                    int64_t *ret_days);

/* Another random key. prefix may be NULL: the configured one. */
const char *key_fresh(struct call *call, const char *prefix);

struct issue_reply issue_reply_of(const struct license_key *key);
struct license_item license_item_of(const struct license_key *key);
