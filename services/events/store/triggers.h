/* SPDX-License-Identifier: MIT */
/* Users' triggers: what clients see of them, and what a live is evaluated by. */
#pragma once

#include "gen/events/messages.h"
#include "lib/api/call.h"
#include "services/events/domain/trigger.h"

#define TRIGGERS_PER_USER 200

/* What clients of the old API know a trigger by. A condition may be blank, which is "always". */
struct trigger_key {
    const char *event_type;
    const char *condition_key;
    const char *condition_value;
    const char *action; /* NULL: either */
};

/* ---- for clients ---- */

/* Adds a trigger under that id. STATUS_CONFLICT when the user has TRIGGERS_PER_USER of them. */
MUST_CHECK enum status triggers_insert(struct call *call, const char *user_id, const char *id,
                                       const struct set_trigger_request *trigger);

/* The trigger as it was set, locked until the transaction ends. STATUS_NOT_FOUND when the user has
 * none of that id. */
MUST_CHECK enum status triggers_find(struct call *call, const char *user_id, const char *id,
                                     struct set_trigger_request *ret_trigger);

/* Keeps others from adding triggers of the user's until the transaction ends. */
MUST_CHECK enum status triggers_lock(struct call *call, const char *user_id);

/* The id of the first trigger of that event and condition; values are the same when they are so
 * where they are compared. STATUS_NOT_FOUND when there is none. */
MUST_CHECK enum status triggers_find_by_key(struct call *call, const char *user_id,
                                            const struct trigger_key *key, const char **ret_id);

/* Puts all of it in the place of what it was. STATUS_NOT_FOUND likewise. */
MUST_CHECK enum status triggers_update(struct call *call, const char *user_id, const char *id,
                                       const struct set_trigger_request *trigger);

/* STATUS_NOT_FOUND likewise. */
MUST_CHECK enum status triggers_enable(struct call *call, const char *user_id, const char *id,
                                       bool enabled);
MUST_CHECK enum status triggers_delete(struct call *call, const char *user_id, const char *id);

/* All of the user's (struct trigger_item), in the order in which they are tried. */
MUST_CHECK enum status triggers_list(struct call *call, const char *user_id, struct list *ret_list);

/* All that is held of a user's. *ret_count: how many triggers that were. */
MUST_CHECK enum status triggers_erase(struct pg *db, const char *user_id, int64_t *ret_count);

/* ---- for lives ---- */

/* The user's triggers in the order in which they are tried, in the arena. */
MUST_CHECK enum status triggers_load(struct pg *db, const char *user_id, struct arena *arena,
                                     struct trigger **ret_triggers, size_t *ret_count);

/* The trigger of the row's values. */
struct trigger triggers_of_request(struct arena *arena, const char *id,
                                   const struct set_trigger_request *trigger);
