/* SPDX-License-Identifier: MIT */
#include "tools/webcast-sim/encode_parts.h"

#include "tools/webcast-sim/wire.h"

#include <inttypes.h>

enum badge_scene {
    BADGE_MODERATOR = 1,
    BADGE_SUBSCRIBER = 4,
    BADGE_GIFTER = 8,
    BADGE_TEAM = 10,
};

Webcast__Common *encode_common(struct encoder *encoder, const char *key, const char *pattern)
{
    Webcast__Common *common = WIRE_NEW(encoder->arena, common, Common);
    common->method = wire_text(event_method(encoder->event->kind));
    common->msg_id = encoder->stamp->msg_id;
    common->room_id = encoder->stamp->room_id;
    common->create_time = encoder->stamp->now_ms;
    common->is_show_msg = true;
    if (!key)
        return common;
    common->display_text = WIRE_NEW(encoder->arena, display_text, DisplayText);
    common->display_text->key = wire_text(key);
    common->display_text->default_pattern = wire_text(pattern);
    return common;
}

static Webcast__Image *encode_avatar(struct arena *arena, const struct person *person)
{
    Webcast__Image *image = WIRE_NEW(arena, image, Image);
    char *url = arena_printf(arena,
                             "https://p16-sign.tiktokcdn.invalid/tos-sim/%016" PRIx64
                             "~tplv-tiktokx-cropcenter:100:100.webp?x-expires=1893456000",
                             (uint64_t)person->id * 31);
    image->n_url_list = 1;
    image->url_list = WIRE_LIST_OF_ONE(arena, url);
    image->uri = arena_printf(arena, "100x100/tos-sim/%016" PRIx64, (uint64_t)person->id * 31);
    return image;
}

static Webcast__BadgeStruct *encode_badge(struct arena *arena, int scene, int level)
{
    Webcast__BadgeStruct *badge = WIRE_NEW(arena, badge_struct, BadgeStruct);
    badge->display_type = 4;
    badge->scene_type = scene;
    badge->display = true;
    badge->log_extra = WIRE_NEW(arena, badge_log_extra, BadgeLogExtra);
    badge->log_extra->privilege_id = arena_printf(arena, "7%018d", scene);
    if (level > 0)
        badge->log_extra->level = arena_printf(arena, "%d", level);
    return badge;
}

static void encode_badges(struct arena *arena, const struct person *person, Webcast__User *user)
{
    user->badge_list = ARENA_ARRAY(arena, Webcast__BadgeStruct *, 4);
    if (person->moderator)
        user->badge_list[user->n_badge_list++] = encode_badge(arena, BADGE_MODERATOR, 0);
    if (person->subscriber)
        user->badge_list[user->n_badge_list++] = encode_badge(arena, BADGE_SUBSCRIBER, 0);
    if (person->gifter_level)
        user->badge_list[user->n_badge_list++] =
            encode_badge(arena, BADGE_GIFTER, person->gifter_level);
    if (person->team_level)
        user->badge_list[user->n_badge_list++] =
            encode_badge(arena, BADGE_TEAM, person->team_level);
}

Webcast__User *encode_user(struct arena *arena, const struct person *person)
{
    Webcast__User *user = WIRE_NEW(arena, user, User);
    user->id = person->id;
    user->nickname = wire_text(person->nickname);
    user->display_id = wire_text(person->handle);
    user->sec_uid = arena_printf(arena, "MS4wLjABAAAA%016" PRIx64 "%016" PRIx64,
                                 (uint64_t)person->id * 3, (uint64_t)person->id * 7);
    user->avatar_thumb = encode_avatar(arena, person);
    user->follow_info = WIRE_NEW(arena, follow_info, FollowInfo);
    user->follow_info->following_count = person->followers / 3;
    user->follow_info->follower_count = person->followers;
    user->follow_info->follow_status = person->follow_status;
    user->pay_grade = WIRE_NEW(arena, pay_grade, PayGrade);
    user->pay_grade->level = person->gifter_level;
    user->user_attr = WIRE_NEW(arena, user_attr, UserAttr);
    user->user_attr->is_admin = person->moderator;
    encode_badges(arena, person, user);
    return user;
}

Webcast__Viewer *encode_viewer(struct arena *arena, const struct person *person)
{
    Webcast__Viewer *viewer = WIRE_NEW(arena, viewer, Viewer);
    viewer->id = person->id;
    viewer->nickname = wire_text(person->nickname);
    viewer->display_id = wire_text(person->handle);
    return viewer;
}

Webcast__UserIdentity *encode_identity(struct arena *arena, const struct person *person)
{
    Webcast__UserIdentity *identity = WIRE_NEW(arena, user_identity, UserIdentity);
    identity->is_gift_giver = person->gifter_level > 0;
    identity->is_subscriber = person->subscriber;
    identity->is_mutual_following = person->follow_status >= 2;
    identity->is_follower = person->follow_status >= 1;
    identity->is_moderator = person->moderator;
    return identity;
}
