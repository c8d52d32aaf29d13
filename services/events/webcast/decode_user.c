/* SPDX-License-Identifier: MIT */
#include "services/events/webcast/decode_parts.h"

/* Badge scenes. */
enum { BADGE_MODERATOR = 1, BADGE_SUBSCRIBER = 4, BADGE_NEW_SUBSCRIBER = 7 };

const char *decode_image_url(const Webcast__Image *image)
{
    return image && image->n_url_list > 0 ? image->url_list[0] : "";
}

struct live_identity decode_identity(const Webcast__UserIdentity *identity)
{
    if (!identity)
        return (struct live_identity){0};
    return (struct live_identity){
        .gift_giver = identity->is_gift_giver,
        .subscriber = identity->is_subscriber,
        .mutual = identity->is_mutual_following,
        .follower = identity->is_follower,
        .moderator = identity->is_moderator,
        .anchor = identity->is_anchor,
    };
}

void decode_apply_identity(const struct live_identity *identity, struct live_user *user)
{
    user->moderator |= identity->moderator;
    user->subscriber |= identity->subscriber;
}

void decode_user_brief(const Webcast__User *user, struct live_user *ret_user)
{
    *ret_user = (struct live_user){
        .id = user ? user->id : 0,
        .nickname = user ? user->nickname : "",
        .display_id = user ? user->display_id : "",
        .sec_uid = "",
        .avatar = "",
    };
}

static const char *badge_level(const Webcast__BadgeStruct *badge)
{
    if (badge->log_extra && badge->log_extra->level[0])
        return badge->log_extra->level;
    return badge->combine ? badge->combine->str : "";
}

static void decode_badges(struct arena *arena, const Webcast__User *user, struct live_user *out)
{
    size_t count = decode_list_size(user->n_badge_list);
    struct live_badge *badges = ARENA_ARRAY(arena, struct live_badge, count);
    for (size_t i = 0; i < count; i++) {
        const Webcast__BadgeStruct *badge = user->badge_list[i];
        badges[i] = (struct live_badge){badge->scene_type, badge_level(badge)};
        out->moderator |= badge->scene_type == BADGE_MODERATOR;
        out->subscriber |=
            badge->scene_type == BADGE_SUBSCRIBER || badge->scene_type == BADGE_NEW_SUBSCRIBER;
    }
    out->badges = badges;
    out->badge_count = count;
}

void decode_user(struct arena *arena, const Webcast__User *user, struct live_user *ret_user)
{
    decode_user_brief(user, ret_user);
    if (!user)
        return;
    ret_user->sec_uid = user->sec_uid;
    ret_user->avatar = decode_image_url(user->avatar_thumb);
    if (user->follow_info) {
        ret_user->followers = user->follow_info->follower_count;
        ret_user->follow_status = user->follow_info->follow_status;
    }
    ret_user->moderator = user->user_attr && user->user_attr->is_admin;
    ret_user->subscriber =
        user->is_subscribe || (user->subscribe_info && user->subscribe_info->is_subscribe);
    decode_badges(arena, user, ret_user);
}
