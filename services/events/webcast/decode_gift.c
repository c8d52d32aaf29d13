/* SPDX-License-Identifier: MIT */
#include "services/events/webcast/decode_parts.h"

#define GIFT_TYPE_STREAKS 1

/* In rooms with several guests a gift goes to one of them. */
static int64_t recipient(const Webcast__WebcastGiftMessage *m)
{
    if (m->monitor && m->monitor->to_user_id)
        return m->monitor->to_user_id;
    if (m->to_user && m->to_user->id)
        return m->to_user->id;
    return m->to_member_id_int;
}

static int64_t total_diamonds(const struct live_gift *gift)
{
    int64_t groups = gift->group_count > 1 ? gift->group_count : 1;
    int64_t total;
    if (__builtin_mul_overflow(gift->diamond_count * groups, gift->repeat_count, &total))
        return INT64_MAX;
    return total;
}

static const char *image_of(const Webcast__Gift *gift)
{
    const char *image = decode_image_url(gift->image);
    return *image ? image : decode_image_url(gift->icon);
}

bool decode_gift(struct arena *arena, const ProtobufCMessage *message, struct live_event *event)
{
    const Webcast__WebcastGiftMessage *m = (const Webcast__WebcastGiftMessage *)message;
    decode_common(m->common, event);
    event->type = LIVE_GIFT;
    decode_user(arena, m->user, &event->user);
    struct live_identity identity = decode_identity(m->user_identity);
    decode_apply_identity(&identity, &event->user);

    struct live_gift gift = {
        .gift_id = m->gift_id,
        .name = m->gift ? m->gift->name : "",
        .image = m->gift ? image_of(m->gift) : "",
        .has_price = m->gift != NULL,
        .diamond_count = m->gift ? m->gift->diamond_count : 0,
        .gift_type = m->gift ? m->gift->type : 0,
        .combo = m->gift && m->gift->combo,
        .repeat_count = m->repeat_count,
        .combo_count = m->combo_count,
        .group_count = m->group_count,
        .repeat_end = m->repeat_end,
        .group_id = m->group_id,
        .send_type = m->send_type,
        .to_user_id = recipient(m),
    };
    gift.streakable = gift.combo && gift.gift_type == GIFT_TYPE_STREAKS;
    gift.final = !gift.streakable || gift.repeat_end == 1;
    gift.diamonds = total_diamonds(&gift);
    event->gift = gift;
    return true;
}
