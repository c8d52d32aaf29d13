/* SPDX-License-Identifier: MIT */
/* Who comes, likes, follows, shares, subscribes, and how many are there. */
#include "services/events/webcast/decode_parts.h"

enum { MEMBER_JOINED = 1, MEMBER_SUBSCRIBED = 3 };
enum { SOCIAL_FOLLOW = 1, SOCIAL_SHARE_FIRST = 2, SOCIAL_SHARE_LAST = 5 };

bool decode_like(struct arena *arena, const ProtobufCMessage *message, struct live_event *event)
{
    const Webcast__WebcastLikeMessage *m = (const Webcast__WebcastLikeMessage *)message;
    decode_common(m->common, event);
    event->type = LIVE_LIKE;
    decode_user(arena, m->user, &event->user);
    event->like = (struct live_like){.count = m->count, .total = m->total};
    return true;
}

bool decode_member(struct arena *arena, const ProtobufCMessage *message, struct live_event *event)
{
    const Webcast__WebcastMemberMessage *m = (const Webcast__WebcastMemberMessage *)message;
    decode_common(m->common, event);
    decode_user(arena, m->user, &event->user);
    if (m->action == MEMBER_SUBSCRIBED) {
        event->type = LIVE_SUBSCRIBE;
        event->subscribe = (struct live_subscribe){0};
        return true;
    }
    if (m->action != MEMBER_JOINED)
        return false;
    event->type = LIVE_JOIN;
    event->join = (struct live_join){
        .action = m->action,
        .member_count = m->member_count,
        .enter_source = m->client_enter_source,
        .enter_type = m->client_enter_type,
    };
    return true;
}

/* Somebody without an account: a nickname is all there is. */
bool decode_anonymous_member(struct arena *arena, const ProtobufCMessage *message,
                             struct live_event *event)
{
    const Webcast__WebcastUnauthorizedMemberMessage *m =
        (const Webcast__WebcastUnauthorizedMemberMessage *)message;
    (void)arena;
    decode_common(m->common, event);
    event->type = LIVE_JOIN;
    event->user.nickname = m->nick_name;
    event->join = (struct live_join){.action = m->action, .enter_source = "", .enter_type = ""};
    return true;
}

/* The action tells; where it is one that we don't know, the display key does. */
static bool social_type(int64_t action, const char *display_key, enum live_event_type *ret_type)
{
    bool shares = action >= SOCIAL_SHARE_FIRST && action <= SOCIAL_SHARE_LAST;
    bool follows = !shares && (action == SOCIAL_FOLLOW || strstr(display_key, "follow"));
    *ret_type = follows ? LIVE_FOLLOW : LIVE_SHARE;
    return follows || shares || strstr(display_key, "share");
}

bool decode_social(struct arena *arena, const ProtobufCMessage *message, struct live_event *event)
{
    const Webcast__WebcastSocialMessage *m = (const Webcast__WebcastSocialMessage *)message;
    decode_common(m->common, event);
    if (!social_type(m->action, event->display_key, &event->type))
        return false;
    decode_user(arena, m->user, &event->user);
    event->social = (struct live_social){
        .action = m->action,
        .share_type = m->share_type,
        .share_target = m->share_target,
        .follow_count = m->follow_count,
        .share_count = m->share_count,
    };
    return true;
}

bool decode_subscribe(struct arena *arena, const ProtobufCMessage *message,
                      struct live_event *event)
{
    const Webcast__WebcastSubNotifyMessage *m = (const Webcast__WebcastSubNotifyMessage *)message;
    decode_common(m->common, event);
    event->type = LIVE_SUBSCRIBE;
    decode_user(arena, m->user, &event->user);
    event->subscribe = (struct live_subscribe){
        .months = m->sub_month,
        .subscribe_type = m->subscribe_type,
        .old_status = m->old_subscribe_status,
        .message_type = m->message_type,
        .status = m->subscribing_status,
    };
    return true;
}

static void one_rank(const Webcast__Contributor *contributor, struct live_rank *rank)
{
    const Webcast__Viewer *viewer = contributor->user;
    rank->rank = contributor->rank;
    rank->score = contributor->score;
    decode_user_brief(NULL, &rank->user);
    if (!viewer)
        return;
    rank->user.id = viewer->id;
    rank->user.nickname = viewer->nickname;
    rank->user.display_id = viewer->display_id;
}

bool decode_viewers(struct arena *arena, const ProtobufCMessage *message, struct live_event *event)
{
    const Webcast__WebcastRoomUserSeqMessage *m =
        (const Webcast__WebcastRoomUserSeqMessage *)message;
    decode_common(m->common, event);
    event->type = LIVE_VIEWERS;
    size_t count = decode_list_size(m->n_ranks);
    struct live_rank *ranks = ARENA_ARRAY(arena, struct live_rank, count);
    for (size_t i = 0; i < count; i++)
        one_rank(m->ranks[i], &ranks[i]);
    event->viewers = (struct live_viewers){
        .current = m->total,
        .total = m->total_user,
        .popularity = m->popularity,
        .anonymous = m->anonymous,
        .ranks = ranks,
        .rank_count = count,
    };
    return true;
}
