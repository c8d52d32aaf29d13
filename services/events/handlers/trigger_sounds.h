/* SPDX-License-Identifier: MIT */
/* Media decides whether a sound may be deleted, so it must know which trigger plays which. It is
 * asked before the trigger is written, and a claim is left meanwhile: whatever dies in between, the
 * claim says that media is to be told the truth again. */
#pragma once

#include "lib/api/call.h"

/* Asks media for the sound (NULL: the trigger plays none). STATUS_NOT_FOUND, with the detail, when
 * the user has no such sound. */
MUST_CHECK enum status trigger_sounds_use(struct call *call, const char *user_id,
                                          const char *trigger_id, const char *filename);

/* Tells media what the trigger plays by what is committed, and drops the claim. If that fails the
 * claim stays, for trigger_sounds_tidy. */
void trigger_sounds_settle(struct call *call, const char *user_id, const char *trigger_id);

/* Settles the claims that were left. */
MUST_CHECK enum status trigger_sounds_tidy(struct call *call);
