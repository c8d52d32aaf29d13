/* SPDX-License-Identifier: MIT */
#include "gen/license/api.h"
#include "lib/base/text.h"
#include "services/license/domain/keys.h"
#include "services/license/store/keys.h"

/* The contract's ladder: exists, active, not expired. Whose it is comes last, and is the caller's
 * question: it stands after the password. */
static enum status check_key(struct call *call, const char *key, struct license_key *ret_key)
{
    enum status status = keys_find(call, key, ret_key);
    if (status == STATUS_NOT_FOUND)
        return call_fail(call, STATUS_NOT_FOUND, "license not found");
    if (status != STATUS_OK)
        return status;
    if (!text_equal(ret_key->status, "active"))
        return call_fail(call, STATUS_FORBIDDEN, "license not active");
    if (ret_key->is_expired)
        return call_fail(call, STATUS_FORBIDDEN, "license expired");
    return STATUS_OK;
}

static enum status bind_key(struct call *call, const char *user_id, struct license_key *key)
{
    enum status status = keys_bind(call, key->key, user_id, key);
    if (status != STATUS_NOT_FOUND)
        return status;
    /* Something changed since check_key, or the key was another's all along: look again for the
     * reason. */
    status = check_key(call, key->key, key);
    if (status != STATUS_OK)
        return status;
    return call_fail(call, STATUS_CONFLICT, "license already bound to another user");
}

static enum status describe_entitlement(struct call *call, const char *user_id,
                                        struct bind_reply *out)
{
    struct entitlement best;
    enum status status = keys_find_entitlement(call, user_id, &best);
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK; /* expired this very moment */
    if (status != STATUS_OK)
        return status;
    out->has_entitlement = true;
    out->entitlement = (struct entitlement_reply){
        .plan_id = best.plan_id,
        .plan_name = best.plan_name,
        .allowed_platforms = list_split(call->arena, best.platforms, ','),
        .has_max_tiktok_accounts = best.has_limit,
        .max_tiktok_accounts = best.max_tiktok_accounts,
        .may_change_tiktok = best.may_change_tiktok,
        .voice_engines = best.voice_engines,
        .expires_at = best.expires_at,
    };
    return STATUS_OK;
}

enum status handle_bind(struct call *call, const struct bind_request *in, struct bind_reply *out)
{
    struct license_key key;
    enum status status = check_key(call, key_normalise(call->arena, in->license_key), &key);
    if (status != STATUS_OK)
        return status;

    if (in->user_id) {
        status = bind_key(call, in->user_id, &key);
        if (status != STATUS_OK)
            return status;
        status = describe_entitlement(call, in->user_id, out);
        if (status != STATUS_OK)
            return status;
    }
    out->owner_id = key.user_id;
    out->plan = key.plan;
    out->expires_at = key.expires_at;
    return STATUS_OK;
}
