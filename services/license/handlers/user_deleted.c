/* SPDX-License-Identifier: MIT */
#include "services/license/handlers/user_deleted.h"

#include "gen/auth/messages.h"
#include "services/license/store/erase.h"

enum status handle_user_deleted(struct call *call, const void *event)
{
    const struct user_deleted *deleted = event;
    struct erased erased;
    enum status status = erase_user(call, deleted->user_id, &erased);
    if (status == STATUS_OK)
        log_info(&call->log, "erased what was held of a user",
                 LOG_TEXT("user_id", deleted->user_id), LOG_INT("keys", erased.keys),
                 LOG_INT("emails", erased.emails), LOG_INT("addresses", erased.addresses));
    return status;
}
