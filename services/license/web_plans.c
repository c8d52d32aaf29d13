/* SPDX-License-Identifier: MIT */
#include "services/license/web_plans.h"

#include "lib/base/text.h"
#include "services/license/domain/plans.h"
#include "services/license/store/plans.h"

/* The id of the plan that name tells; NULL where it is blank, as after a comma at the end. */
static enum status resolve(struct call *call, const char *name, const char **ret_plan)
{
    const char *plan = plan_normalise(call->arena, name);
    *ret_plan = NULL;
    if (!plan)
        return STATUS_OK;
    enum status status = plans_find(call, plan, ret_plan);
    if (status == STATUS_NOT_FOUND) {
        log_error(NULL, "WEB_ALLOWED_PLANS names a plan that does not exist",
                  LOG_TEXT("plan", plan));
        return STATUS_BAD_REQUEST;
    }
    return status;
}

enum status web_plans_resolve(const char *names, const struct pg_options *database,
                              struct arena *arena, struct list *ret_plans)
{
    struct list all = list_split(arena, names, ',');
    const char *const *items = all.items;
    const char **plans = ARENA_ARRAY(arena, const char *, all.count);
    AUTO(pg_free) struct pg *db = pg_new(database);
    struct call call = {.arena = arena, .db = db};
    size_t count = 0;
    for (size_t i = 0; i < all.count; i++) {
        enum status status = resolve(&call, items[i], &plans[count]);
        if (status != STATUS_OK)
            return status;
        count += plans[count] != NULL;
    }
    *ret_plans = (struct list){plans, count};
    return STATUS_OK;
}

bool web_plans_allow(struct list plans, const char *plan)
{
    const char *const *items = plans.items;
    for (size_t i = 0; i < plans.count; i++)
        if (text_equal(items[i], plan))
            return true;
    return plans.count == 0 && !text_equal(plan, PLAN_FREE);
}
