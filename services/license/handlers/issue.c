/* SPDX-License-Identifier: MIT */
/* Keys that an administrator makes, one or many. */
#include "services/license/store/issue.h"
#include "gen/license/api.h"
#include "services/license/domain/keys.h"
#include "services/license/handlers/requests.h"

#define BULK_MAX 500

/* What the new keys shall be worth: ret_plan NULL for none. */
static enum status resolve(struct call *call, const char *plan, bool has_days, int64_t days,
                           const char **ret_plan, int64_t *ret_days)
{
    enum status status = plan_resolve(call, plan, ret_plan);
    if (status != STATUS_OK)
        return status;
    return term_resolve(call, has_days, days, ret_days);
}

static enum status issue(struct call *call, const char *prefix, int64_t count, const char *plan,
                         int64_t days, struct license_keys *ret_keys)
{
    const char **keys = ARENA_ARRAY(call->arena, const char *, (size_t)count);
    for (int64_t i = 0; i < count; i++)
        keys[i] = key_fresh(call, prefix);
    return keys_issue(call, (struct list){keys, (size_t)count}, plan, days, ret_keys);
}

enum status handle_issue(struct call *call, const struct issue_request *in, struct issue_reply *out)
{
    const char *plan;
    int64_t days;
    enum status status = resolve(call, in->plan, in->has_ttl_days, in->ttl_days, &plan, &days);
    if (status != STATUS_OK)
        return status;

    struct license_keys keys;
    status = issue(call, NULL, 1, plan, days, &keys);
    if (status == STATUS_OK)
        *out = issue_reply_of(&keys.items[0]);
    return status;
}

enum status handle_issue_bulk(struct call *call, const struct issue_bulk_request *in,
                              struct issue_bulk_reply *out)
{
    const char *plan;
    int64_t days;
    enum status status = resolve(call, in->plan, in->has_ttl_days, in->ttl_days, &plan, &days);
    if (status != STATUS_OK)
        return status;
    if (in->count < 1 || in->count > BULK_MAX)
        return call_fail(call, STATUS_BAD_REQUEST, "invalid count");

    struct license_keys keys;
    status = issue(call, key_prefix(call->arena, in->prefix), in->count, plan, days, &keys);
    if (status != STATUS_OK)
        return status;
    struct issue_reply *items = ARENA_ARRAY(call->arena, struct issue_reply, keys.count);
    for (size_t i = 0; i < keys.count; i++)
        items[i] = issue_reply_of(&keys.items[i]);
    out->items = (struct list){items, keys.count};
    return STATUS_OK;
}
