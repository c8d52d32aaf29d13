/* SPDX-License-Identifier: MIT */
/* Which trigger of the events service plays which sound. Changes run under the owner's lock
 * (store/owners.h). */
#pragma once

#include "lib/api/call.h"

/* STATUS_NOT_FOUND when the user has no such sound. */
MUST_CHECK enum status sound_uses_set(struct call *call, const char *user_id,
                                      const char *trigger_id, const char *filename);

MUST_CHECK enum status sound_uses_clear(struct call *call, const char *user_id,
                                        const char *trigger_id);
