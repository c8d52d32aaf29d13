/* SPDX-License-Identifier: MIT */
#pragma once

#include "lib/api/call.h"

/* evt.auth.user_deleted (event is struct user_deleted): releases the user's keys and erases what is
 * held of the user. An inbox_fn. */
MUST_CHECK enum status handle_user_deleted(struct call *call, const void *event);
