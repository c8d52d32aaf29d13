/* SPDX-License-Identifier: MIT */
/* evt.auth.user_deleted: what media holds of the user goes. */
#pragma once

#include "lib/api/call.h"

MUST_CHECK enum status handle_user_deleted(struct call *call, const void *event);

/* The event reaches one replica; what another one was making then, it erases here, when it tidies
 * up. */
MUST_CHECK enum status erase_late_speech(struct call *call);
