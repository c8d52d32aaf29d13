/* SPDX-License-Identifier: MIT */
/* Triggers whose sound media is being told of. A claim is made before media is asked, and goes with
 * the change that it was made for; one that stays tells that media may believe something else than
 * what the trigger says. */
#pragma once

#include "lib/api/call.h"
#include "lib/api/list.h"

struct sound_claim {
    const char *trigger_id;
    const char *user_id;
};

MUST_CHECK enum status sound_claims_insert(struct call *call, const char *user_id,
                                           const char *trigger_id);

MUST_CHECK enum status sound_claims_delete(struct call *call, const char *trigger_id);

/* Some of those older than a minute (struct sound_claim): no call is still at work on them. */
MUST_CHECK enum status sound_claims_left(struct call *call, struct list *ret_claims);

/* The sound that the trigger plays by what is committed; NULL: none, or there is no trigger. */
MUST_CHECK enum status sound_claims_truth(struct call *call, const char *trigger_id,
                                          const char **ret_filename);
