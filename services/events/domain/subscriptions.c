/* SPDX-License-Identifier: MIT */
#include "services/events/domain/subscriptions.h"

#include "lib/base/macros.h"

/* A notification's subscribing_status. */
enum { STATUS_CANCELLED = 3, STATUS_REFUNDED = 4 };

/* The banner's own user, or, as in all that were recorded, the first whom its text names. */
static const struct live_user *banner_user(const struct live_event *banner)
{
    if (banner->user.id != 0 || banner->barrage.user_count == 0)
        return &banner->user;
    return &banner->barrage.users[0];
}

static struct live_event read_banner(const struct live_event *banner)
{
    return (struct live_event){
        .type = LIVE_SUBSCRIBE,
        .msg_id = banner->msg_id,
        .room_id = banner->room_id,
        .create_time = banner->create_time,
        .display_key = banner->display_key,
        .user = *banner_user(banner),
    };
}

static bool is_over(const struct live_subscribe *subscribe)
{
    return subscribe->status == STATUS_CANCELLED || subscribe->status == STATUS_REFUNDED;
}

/* Whether nothing was told of that user for a while; the user is kept in mind. */
static bool is_news(struct subscriptions *subscriptions, int64_t user_id, int64_t now_ms)
{
    for (size_t i = 0; i < SUBSCRIPTIONS_KEPT; i++) {
        if (subscriptions->last[i].user_id == user_id &&
            now_ms - subscriptions->last[i].told_ms < SUBSCRIPTIONS_SAME_MS)
            return false;
    }
    subscriptions->last[subscriptions->next].user_id = user_id;
    subscriptions->last[subscriptions->next].told_ms = now_ms;
    subscriptions->next = (subscriptions->next + 1) % SUBSCRIPTIONS_KEPT;
    return true;
}

const struct live_event *subscriptions_filter(struct subscriptions *subscriptions,
                                              const struct live_event *event, int64_t now_ms,
                                              struct live_event *ret_subscription)
{
    struct live_event subscription;
    if (event->type == LIVE_SUBSCRIBE)
        subscription = *event;
    else if (event->type == LIVE_BARRAGE && event->barrage.subscribe)
        subscription = read_banner(event);
    else
        return event;
    if (is_over(&subscription.subscribe) || subscription.user.id == 0 ||
        !is_news(subscriptions, subscription.user.id, now_ms))
        return NULL;
    *ret_subscription = subscription;
    return ret_subscription;
}
