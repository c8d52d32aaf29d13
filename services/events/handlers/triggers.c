/* SPDX-License-Identifier: MIT */
#include "services/events/store/triggers.h"
#include "gen/auth/messages.h"
#include "gen/events/api.h"
#include "services/events/handlers/trigger_changes.h"

/* A token outlives its user's account; a new trigger must not. */
static enum status check_caller(struct call *call)
{
    const struct user_rights_request nothing = {0};
    struct user_rights_reply rights = {0};
    return auth_user_rights(call, &nothing, &rights);
}

enum status handle_set_trigger(struct call *call, const struct set_trigger_request *in,
                               struct trigger_reply *out)
{
    enum status status = check_caller(call);
    if (status != STATUS_OK)
        return status;
    out->status = "ok";
    return trigger_add(call, call->caller.user_id, in, &out->id);
}

enum status handle_list_triggers(struct call *call, const struct list_triggers_request *in,
                                 struct triggers_reply *out)
{
    (void)in;
    return triggers_list(call, call->caller.user_id, &out->triggers);
}

enum status handle_update_trigger(struct call *call, const struct update_trigger_request *in,
                                  struct trigger_reply *out)
{
    *out = (struct trigger_reply){"ok", in->id};
    return trigger_change(call, call->caller.user_id, in);
}

enum status handle_update_trigger_enabled(struct call *call,
                                          const struct update_trigger_enabled_request *in,
                                          struct trigger_enabled_reply *out)
{
    *out = (struct trigger_enabled_reply){"ok", in->id, in->enabled};
    return trigger_enable(call, call->caller.user_id, in->id, in->enabled);
}

enum status handle_delete_trigger(struct call *call, const struct delete_trigger_request *in,
                                  struct events_reply *out)
{
    out->status = "ok";
    return trigger_remove(call, call->caller.user_id, in->id);
}
