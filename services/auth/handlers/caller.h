/* SPDX-License-Identifier: MIT */
/* Who makes a call, for the endpoints of signed-in users. */
#pragma once

#include "services/auth/store/profiles.h"

/* The caller's profile; notes now and then that the session is in use. 401 `user not found`, 403
 * `user banned`. */
MUST_CHECK enum status caller_find(struct call *call, struct profile *ret_profile);
