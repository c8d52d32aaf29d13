/* SPDX-License-Identifier: MIT */
/* Subscriptions, told once. TikTok tells of one in up to three ways within seconds: a notification,
 * a banner, and a "member" message; which of them come depends on who asks. The first is taken.
 * Time is passed in (monotonic ms). */
#pragma once

#include "services/events/domain/live_event.h"

#define SUBSCRIPTIONS_KEPT 64
#define SUBSCRIPTIONS_SAME_MS 10000

/* Zeroed, it knows of none. */
struct subscriptions {
    struct {
        int64_t user_id; /* 0: free */
        int64_t told_ms;
    } last[SUBSCRIPTIONS_KEPT]; /* a ring */
    size_t next;
};

/* What to tell instead of an event: a LIVE_SUBSCRIBE, in ret_subscription, for the first event that
 * tells of a subscription; NULL for those that repeat it, say that one was cancelled, or name
 * nobody; any other event itself. */
const struct live_event *subscriptions_filter(struct subscriptions *subscriptions,
                                              const struct live_event *event, int64_t now_ms,
                                              struct live_event *ret_subscription);
