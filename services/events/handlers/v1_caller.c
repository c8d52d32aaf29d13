/* SPDX-License-Identifier: MIT */
#include "services/events/handlers/v1_caller.h"

#include "gen/auth/messages.h"

enum status v1_caller_find(struct call *call, const char *ws_token, const char **ret_user_id)
{
    const struct v1_user_request in = {.ws_token = ws_token};
    struct v1_user_reply owner = {0};
    enum status status = auth_v1_user(call, &in, &owner);
    if (status == STATUS_OK)
        *ret_user_id = owner.user_id;
    return status;
}
