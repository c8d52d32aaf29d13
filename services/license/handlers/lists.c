/* SPDX-License-Identifier: MIT */
/* Keys and plans, listed. */
#include "gen/license/api.h"
#include "services/license/handlers/requests.h"
#include "services/license/store/plans.h"

enum status handle_list_keys(struct call *call, const struct list_keys_request *in,
                             struct list_keys_reply *out)
{
    struct license_keys keys;
    enum status status = keys_list(call, in->limit, in->offset, &keys);
    if (status != STATUS_OK)
        return status;
    struct license_item *items = ARENA_ARRAY(call->arena, struct license_item, keys.count);
    for (size_t i = 0; i < keys.count; i++)
        items[i] = license_item_of(&keys.items[i]);
    out->items = (struct list){items, keys.count};
    return STATUS_OK;
}

enum status handle_list_plans(struct call *call, const struct list_plans_request *in,
                              struct plans_reply *out)
{
    (void)in;
    return plans_list(call, &out->items);
}
