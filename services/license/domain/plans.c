/* SPDX-License-Identifier: MIT */
#include "services/license/domain/plans.h"

#include "lib/base/text.h"

const char *plan_normalise(struct arena *arena, const char *name)
{
    if (text_is_blank(name))
        return NULL;
    char *plan = text_trim(arena, name);
    text_lower(plan);
    for (char *c = plan; *c; c++) {
        if (*c == '-' || *c == ' ')
            *c = '_';
    }
    return plan;
}

bool term_check(bool has_days, int64_t days, int64_t *ret_days)
{
    if (!has_days || days == 0) {
        *ret_days = TERM_DEFAULT_DAYS;
        return true;
    }
    if (!extension_check(days))
        return false;
    *ret_days = days;
    return true;
}

bool extension_check(int64_t days)
{
    return days >= 1 && days <= TERM_MAX_DAYS;
}
