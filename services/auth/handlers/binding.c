/* SPDX-License-Identifier: MIT */
#include "services/auth/handlers/binding.h"

#include "services/auth/store/entitlements.h"
#include "services/auth/store/users.h"

/* Any other failure may have bound the key. */
static bool is_refusal(enum status status)
{
    return status == STATUS_NOT_FOUND || status == STATUS_FORBIDDEN || status == STATUS_CONFLICT;
}

/* The refusal stands once the account is gone; until then the client had better ask again. */
static enum status take_back(struct call *call, const char *user_id, enum status refusal)
{
    enum status status = users_take_back(call, user_id);
    if (status == STATUS_OK || status == STATUS_NOT_FOUND)
        return refusal;
    return call_fail(call, status, NULL);
}

enum status key_bind(struct call *call, const char *license_key, const char *user_id, bool is_new,
                     struct bind_reply *ret_bound)
{
    const struct bind_request bind = {.license_key = license_key, .user_id = user_id};
    struct bind_reply bound = {0};
    enum status status = license_bind(call, &bind, &bound);
    if (status != STATUS_OK) {
        bool goes = is_new && is_refusal(status);
        return goes ? take_back(call, user_id, status) : status;
    }
    if (bound.has_entitlement)
        status = entitlements_upsert(call, &bound.entitlement);
    if (status == STATUS_OK)
        status = users_tell_if_gone(call, user_id);
    if (status == STATUS_OK)
        *ret_bound = bound;
    return status;
}
