/* SPDX-License-Identifier: MIT */
/* The plans that keys can have. */
#pragma once

#include "lib/api/call.h"
#include "lib/api/list.h"

/* The id of the plan of that (normalised) name or alias. */
MUST_CHECK enum status plans_find(struct call *call, const char *name, const char **ret_id);

/* All, as struct plan of gen/license/messages.h, in the order in which they are shown. */
MUST_CHECK enum status plans_list(struct call *call, struct list *ret_plans);
