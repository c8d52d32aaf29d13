/* SPDX-License-Identifier: MIT */
/* Clients of the old API sign in by ws_token. */
#pragma once

#include "lib/api/call.h"

/* Whose token it is. Auth's 401 `Invalid token` is ours. */
MUST_CHECK enum status v1_caller_find(struct call *call, const char *ws_token,
                                      const char **ret_user_id);
