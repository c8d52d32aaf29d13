/* SPDX-License-Identifier: MIT */
#include "gen/license/api.h"
#include "lib/base/text.h"
#include "services/license/domain/keys.h"
#include "services/license/store/changes.h"
#include "services/license/store/entitlements.h"

/* The contract's ladder: exists, active, not expired. Whose it is comes last: for who only looks,
 * that stands after the password, and is the caller's question. */
static enum status check_key(struct call *call, const struct license_key *key, const char *user_id)
{
    if (!text_equal(key->status, "active"))
        return call_fail(call, STATUS_FORBIDDEN, "license not active");
    if (key->is_expired)
        return call_fail(call, STATUS_FORBIDDEN, "license expired");
    if (user_id && !text_equal(key->user_id, user_id))
        return call_fail(call, STATUS_CONFLICT, "license already bound to another user");
    return STATUS_OK;
}

enum status handle_bind(struct call *call, const struct bind_request *in, struct bind_reply *out)
{
    const char *name = key_normalise(call->arena, in->license_key);
    struct license_key key;
    enum status status =
        in->user_id ? keys_bind(call, name, in->user_id, &key) : keys_find(call, name, &key);
    if (status == STATUS_NOT_FOUND)
        return call_fail(call, STATUS_NOT_FOUND, "license not found");
    if (status != STATUS_OK)
        return status;
    status = check_key(call, &key, in->user_id);
    if (status != STATUS_OK)
        return status;

    out->owner_id = key.user_id;
    out->plan = key.plan;
    out->expires_at = key.expires_at;
    if (!in->user_id)
        return STATUS_OK;
    out->has_entitlement = true;
    return entitlements_find(call, in->user_id, &out->entitlement);
}
