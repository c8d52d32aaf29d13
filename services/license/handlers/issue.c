/* SPDX-License-Identifier: MIT */
#include "gen/license/api.h"
#include "lib/base/uuid.h"
#include "services/license/config.h"
#include "services/license/domain/keys.h"
#include "services/license/domain/plans.h"
#include "services/license/store/keys.h"

#define TRIES 5 /* a second equal key in 2^60 is a broken random source, not bad luck */

static enum status find_plan(struct call *call, const char *name, const char **ret_plan)
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

static enum status insert_fresh_key(struct call *call, const char *plan, int64_t days,
                                    struct license_key *ret_key)
{
    const struct license_config *config = call->app;
    enum status status = STATUS_CONFLICT;
    for (int i = 0; i < TRIES && status == STATUS_CONFLICT; i++) {
        unsigned char random[12];
        random_bytes(random, sizeof(random));
        const char *key = key_make(call->arena, config->key_prefix, random);
        status = keys_insert(call, key, plan, days, ret_key);
    }
    return status == STATUS_CONFLICT ? STATUS_INTERNAL : status;
}

enum status handle_issue(struct call *call, const struct issue_request *in, struct issue_reply *out)
{
    const char *plan = NULL;
    enum status status = find_plan(call, in->plan, &plan);
    if (status != STATUS_OK)
        return status;

    int64_t days;
    if (!term_check(in->has_ttl_days, in->ttl_days, &days))
        return call_fail(call, STATUS_BAD_REQUEST, "invalid ttl_days");

    struct license_key key;
    status = insert_fresh_key(call, plan, days, &key);
    if (status != STATUS_OK)
        return status;

    *out = (struct issue_reply){.key = key.key, .plan = key.plan, .expires_at = key.expires_at};
    return STATUS_OK;
}
