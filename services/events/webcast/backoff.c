/* SPDX-License-Identifier: MIT */
#include "services/events/webcast/backoff.h"

#include "lib/base/macros.h"

#define MINUTE_MS 60000
#define DAY_MS (INT64_C(24) * 60 * MINUTE_MS)

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
    bucket->burst = burst;
    bucket->level = bucket->burst * MINUTE_MS;
    bucket->filled_ms = now_ms;
}

int64_t bucket_take(struct bucket *bucket, int64_t now_ms)
{
    int64_t full = bucket->burst * MINUTE_MS;
    int64_t passed = now_ms - bucket->filled_ms;
    bucket->filled_ms = now_ms;
    bucket->level = passed > DAY_MS ? full : bucket->level + passed * bucket->per_minute;
    if (bucket->level > full)
        bucket->level = full;

    int64_t missing = MINUTE_MS - bucket->level;
    if (missing > 0)
        return (missing + bucket->per_minute - 1) / bucket->per_minute;
    bucket->level -= MINUTE_MS;
    return 0;
}
