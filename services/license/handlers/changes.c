/* SPDX-License-Identifier: MIT */
/* What an administrator does to a key. */
#include "services/license/store/changes.h"

#include "gen/license/api.h"
#include "services/license/domain/keys.h"
#include "services/license/domain/plans.h"
#include "services/license/handlers/requests.h"

static enum status answer(struct call *call, enum status status, const struct license_key *key,
                          struct license_item *out)
{
    if (status == STATUS_NOT_FOUND)
        return call_fail(call, STATUS_NOT_FOUND, "not found");
    if (status == STATUS_OK)
        *out = license_item_of(key);
    return status;
}

enum status handle_revoke(struct call *call, const struct revoke_request *in,
                          struct license_item *out)
{
    struct license_key key;
    enum status status = keys_revoke(call, key_normalise(call->arena, in->key), &key);
    return answer(call, status, &key, out);
}

enum status handle_extend(struct call *call, const struct extend_request *in,
                          struct license_item *out)
{
    if (!extension_check(in->extend_days))
        return call_fail(call, STATUS_BAD_REQUEST, "invalid extend_days");
    struct license_key key;
    enum status status =
        keys_extend(call, key_normalise(call->arena, in->key), in->extend_days, &key);
    return answer(call, status, &key, out);
}

enum status handle_set_plan(struct call *call, const struct set_plan_request *in,
                            struct license_item *out)
{
    const char *plan;
    enum status status = plan_resolve(call, in->plan, &plan);
    if (status != STATUS_OK)
        return status;
    struct license_key key;
    status = keys_set_plan(call, key_normalise(call->arena, in->key), plan, &key);
    return answer(call, status, &key, out);
}
