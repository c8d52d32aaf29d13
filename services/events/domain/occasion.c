/* SPDX-License-Identifier: MIT */
#include "services/events/domain/occasion.h"

#include "lib/base/text.h"
#include "services/events/domain/folded.h"

void occasion_fold(struct arena *arena, struct occasion *occasion)
{
    occasion->name_folded = folded_name(arena, occasion->username);
    occasion->nickname_folded = folded(arena, occasion->nickname);
    occasion->message_folded = folded(arena, occasion->message);
    occasion->gift_name_folded = folded(arena, occasion->gift_name);
}

/* What every occasion has; not folded yet. */
static struct occasion begin(const struct live_event *event, enum trigger_event kind)
{
    bool has_nickname = !text_is_blank(event->user.nickname);
    return (struct occasion){
        .event = kind,
        .room_id = event->room_id,
        .viewer_id = event->user.id,
        .username = event->user.display_id,
        .nickname = has_nickname ? event->user.nickname : event->user.display_id,
        .message = "",
        .gift_name = "",
    };
}

static bool kind_of(enum live_event_type type, enum trigger_event *ret_kind)
{
    static const struct {
        enum live_event_type type;
        enum trigger_event kind;
    } kinds[] = {
        {LIVE_CHAT, TRIGGER_CHAT},     {LIVE_JOIN, TRIGGER_VIEWER_JOIN},
        {LIVE_FOLLOW, TRIGGER_FOLLOW}, {LIVE_SUBSCRIBE, TRIGGER_SUBSCRIBE},
        {LIVE_SHARE, TRIGGER_SHARE},   {LIVE_LIKE, TRIGGER_LIKE},
    };
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (kinds[i].type == type) {
            *ret_kind = kinds[i].kind;
            return true;
        }
    }
    return false;
}

bool occasion_of(struct arena *arena, const struct live_event *event, struct occasion *ret_occasion)
{
    enum trigger_event kind;
    if (!kind_of(event->type, &kind))
        return false;
    struct occasion occasion = begin(event, kind);
    if (event->type == LIVE_CHAT)
        occasion.message = event->chat.content;
    if (event->type == LIVE_LIKE)
        occasion.count = event->like.count;
    occasion_fold(arena, &occasion);
    *ret_occasion = occasion;
    return true;
}

struct occasion occasion_of_gift(struct arena *arena, const struct streak_step *step)
{
    struct occasion occasion = begin(step->gift, TRIGGER_GIFT);
    occasion.gift_id = step->gift->gift.gift_id;
    occasion.gift_name = step->gift->gift.name;
    occasion.count = step->count;
    occasion.diamonds = step->diamonds;
    occasion_fold(arena, &occasion);
    return occasion;
}

int64_t occasion_gifts(const struct occasion *occasion)
{
    int64_t count;
    bool is_too_much = __builtin_add_overflow(occasion->count, occasion->unspoken, &count);
    return is_too_much ? INT64_MAX : count;
}
