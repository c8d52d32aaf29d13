/* SPDX-License-Identifier: MIT */
#include "services/auth/handlers/caller.h"

#include "services/auth/store/sessions.h"

enum status caller_find(struct call *call, struct profile *ret_profile)
{
    enum status status = profiles_find(call, call->caller.user_id, ret_profile);
    if (status == STATUS_NOT_FOUND)
        return call_fail(call, STATUS_UNAUTHENTICATED, "user not found");
    if (status != STATUS_OK)
        return status;
    if (ret_profile->is_banned)
        return call_fail(call, STATUS_FORBIDDEN, "user banned");
    if (ret_profile->is_session_due && sessions_touch(call) != STATUS_OK)
        log_warning(&call->log, "a session's last use could not be noted");
    return STATUS_OK;
}
