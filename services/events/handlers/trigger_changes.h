/* SPDX-License-Identifier: MIT */
/* Changing a user's triggers, for the endpoints of both APIs: checked, known to media, and in
 * effect at once where the user's live is served. Each runs transactions of its own. */
#pragma once

#include "gen/events/messages.h"
#include "lib/api/call.h"
#include "services/events/store/triggers.h"

/* 400 `invalid action` and `sound required for play_sound`, 404 `sound file not found`, 409 `too
 * many triggers`. */
MUST_CHECK enum status trigger_add(struct call *call, const char *user_id,
                                   const struct set_trigger_request *trigger, const char **ret_id);

/* Changes what is named. The same errors, 400 `sound_filename cannot be empty`, and 404 `not
 * found`.
 */
MUST_CHECK enum status trigger_change(struct call *call, const char *user_id,
                                      const struct update_trigger_request *changes);

/* 404 `not found`. */
MUST_CHECK enum status trigger_enable(struct call *call, const char *user_id, const char *id,
                                      bool enabled);
MUST_CHECK enum status trigger_remove(struct call *call, const char *user_id, const char *id);

/* ---- by event and condition ---- */

/* Replaces the trigger of that event and condition, or adds it. trigger_add's errors. */
MUST_CHECK enum status trigger_put(struct call *call, const char *user_id,
                                   const struct set_trigger_request *trigger);

/* 404 with that detail when there is none. */
MUST_CHECK enum status trigger_remove_by_key(struct call *call, const char *user_id,
                                             const struct trigger_key *key, const char *not_found);
