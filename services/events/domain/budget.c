/* SPDX-License-Identifier: MIT */
#include "services/events/domain/budget.h"

#include "lib/base/macros.h"

bool budget_take(struct budget *budget, unsigned per_minute, int64_t now_ms)
{
    double burst = per_minute < 6 ? 1 : per_minute / 6.0;
    if (budget->filled_ms == 0)
        budget->tokens = burst;
    else
        budget->tokens += (double)(now_ms - budget->filled_ms) * per_minute / 60000;
    if (budget->tokens > burst)
        budget->tokens = burst;
    budget->filled_ms = now_ms;
    if (budget->tokens < 1)
        return false;
    budget->tokens -= 1;
    return true;
}
