/* SPDX-License-Identifier: MIT */
/* A token bucket: so many a minute, with a burst of a sixth of that at once. Time is passed in
 * (monotonic ms). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct budget {
    double tokens;
    int64_t filled_ms; /* 0: never used, so full */
};

/* Takes one token; false when there is none. */
bool budget_take(struct budget *budget, unsigned per_minute, int64_t now_ms);
