/* SPDX-License-Identifier: MIT */
/* The plans that the shop may sell: those that WEB_ALLOWED_PLANS names, or else all but Free. */
#pragma once

#include "services/license/license.h"

/* The ids of the plans that names (comma-separated ids or aliases) tells, in the arena.
 * STATUS_BAD_REQUEST when there is no such plan, which is logged. STATUS_UNAVAILABLE when the
 * database is away. */
MUST_CHECK enum status web_plans_resolve(const char *names, const struct pg_options *database,
                                         struct arena *arena, struct list *ret_plans);

/* plan is an id. */
bool web_plans_allow(struct list plans, const char *plan);
