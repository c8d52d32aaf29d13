/* SPDX-License-Identifier: MIT */
#include "services/events/webcast/quota.h"

#include "lib/base/macros.h"

void quota_init(struct quota *quota, unsigned per_minute, unsigned burst, int64_t now_ms)
{
    bucket_init(&quota->bucket, per_minute, burst, now_ms);
    quota->paused_until_ms = now_ms;
    quota->pause_error = WEBCAST_ERROR_NONE;
}

/* Each keeps account of the whole: a request of its own stands for one of each. */
void quota_share(struct quota *quota, unsigned replicas)
{
    bucket_set_price(&quota->bucket, replicas);
}

int64_t quota_pause_left(const struct quota *quota, int64_t now_ms, enum webcast_error *ret_error)
{
    if (now_ms >= quota->paused_until_ms)
        return 0;
    *ret_error = quota->pause_error;
    return quota->paused_until_ms - now_ms;
}

int64_t quota_take(struct quota *quota, int64_t now_ms)
{
    return bucket_take(&quota->bucket, now_ms);
}

void quota_pause(struct quota *quota, int64_t now_ms, int64_t wait_ms, enum webcast_error error)
{
    if (now_ms + wait_ms < quota->paused_until_ms)
        return;
    quota->paused_until_ms = now_ms + wait_ms;
    quota->pause_error = error;
}
