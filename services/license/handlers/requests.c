/* SPDX-License-Identifier: MIT */
#include "services/license/handlers/requests.h"

#include "lib/base/uuid.h"
#include "services/license/domain/keys.h"
#include "services/license/domain/plans.h"
#include "services/license/store/plans.h"

enum status plan_resolve(struct call *call, const char *name, const char **ret_plan)
{
    const char *plan = plan_normalise(call->arena, name);
    if (!plan) {
        *ret_plan = NULL;
        return STATUS_OK;
    }
    enum status status = plans_find(call, plan, ret_plan);
    if (status == STATUS_NOT_FOUND)
        return call_fail(call, STATUS_BAD_REQUEST, "invalid plan");
    return status;
}

enum status term_resolve(struct call *call, bool has_days, int64_t days, int64_t *ret_days)
{
    if (!term_check(has_days, days, ret_days))
        return call_fail(call, STATUS_BAD_REQUEST, "invalid ttl_days");
    return STATUS_OK;
}

const char *key_fresh(struct call *call, const char *prefix)
{
    const struct license *license = call->app;
    unsigned char random[12];
    random_bytes(random, sizeof(random));
    return key_make(call->arena, prefix ? prefix : license->config->key_prefix, random);
}

struct issue_reply issue_reply_of(const struct license_key *key)
{
    return (struct issue_reply){.key = key->key, .plan = key->plan, .expires_at = key->expires_at};
}

struct license_item license_item_of(const struct license_key *key)
{
    return (struct license_item){
        .key = key->key,
        .plan = key->plan,
        .status = key->status,
        .issued_at = key->issued_at,
        .expires_at = key->expires_at,
        .user_id = key->user_id,
        .max_devices = key->max_devices,
        .devices_bound = key->devices_bound,
    };
}
