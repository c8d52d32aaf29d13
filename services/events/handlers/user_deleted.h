/* SPDX-License-Identifier: MIT */
/* evt.auth.user_deleted: what events holds of the user goes. */
#pragma once

#include "lib/api/call.h"

MUST_CHECK enum status handle_user_deleted(struct call *call, const void *event);
