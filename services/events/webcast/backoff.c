/* SPDX-License-Identifier: MIT */
#include "services/events/webcast/backoff.h"

#include "lib/base/macros.h"

#include <stdbool.h>

#define MINUTE_MS 60000

int64_t backoff_delay_ms(int64_t first_ms, unsigned attempt, uint32_t chance)
{
    int64_t delay = first_ms;
    for (unsigned i = 0; i < attempt && delay < BACKOFF_MAX_MS; i++)
        delay *= 2;
    if (delay > BACKOFF_MAX_MS)
        delay = BACKOFF_MAX_MS;
    int64_t spread = delay / 5;
    return delay - spread + (int64_t)(chance % (uint32_t)(2 * spread + 1));
}

void bucket_init(struct bucket *bucket, unsigned per_minute, unsigned burst, int64_t now_ms)
{
    bucket->per_minute = per_minute;
    bucket->full = (int64_t)burst * MINUTE_MS;
    bucket->level = bucket->full;
    bucket->filled_ms = now_ms;
    bucket_set_price(bucket, 1);
}

void bucket_set_price(struct bucket *bucket, unsigned tokens)
{
    int64_t price = (int64_t)tokens * MINUTE_MS;
    bucket->price = price < bucket->full ? price : bucket->full;
}

static void fill(struct bucket *bucket, int64_t now_ms)
{
    int64_t passed = now_ms - bucket->filled_ms;
    bool is_full = passed > (bucket->full - bucket->level) / bucket->per_minute;
    bucket->level = is_full ? bucket->full : bucket->level + passed * bucket->per_minute;
    bucket->filled_ms = now_ms;
}

int64_t bucket_take(struct bucket *bucket, int64_t now_ms)
{
    fill(bucket, now_ms);
    int64_t missing = bucket->price - bucket->level;
    if (missing > 0)
        return (missing + bucket->per_minute - 1) / bucket->per_minute;
    bucket->level -= bucket->price;
    return 0;
}
