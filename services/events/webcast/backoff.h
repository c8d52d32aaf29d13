/* SPDX-License-Identifier: MIT */
/* How long to wait: after failures, and for a share of a common allowance. Times are monotonic
 * milliseconds and passed in. */
#pragma once

#include <stdint.h>

#define BACKOFF_MAX_MS 30000

/* The wait before attempt number attempt (from 0): first_ms doubling up to BACKOFF_MAX_MS, a fifth
 * more or less as chance (any random number) has it, so that many don't come back as one. */
int64_t backoff_delay_ms(int64_t first_ms, unsigned attempt, uint32_t chance);

/* A token bucket: burst may be used at once, and fills up evenly, so many a minute. */
struct bucket {
    int64_t per_minute;
    int64_t full; /* tokens × 60000, like price and level */
    int64_t price;
    int64_t level;
    int64_t filled_ms;
};

/* Full, in place; the price of what is taken is one token. */
void bucket_init(struct bucket *bucket, unsigned per_minute, unsigned burst, int64_t now_ms);

/* The price is so many tokens from now on, or all that the bucket holds, if that is less. */
void bucket_set_price(struct bucket *bucket, unsigned tokens);

/* Pays the price: 0, or, with nothing taken, how long to wait until it can be paid. */
int64_t bucket_take(struct bucket *bucket, int64_t now_ms);
