/* SPDX-License-Identifier: MIT */
#include "services/events/domain/made_up.h"

#include "lib/base/text.h"

#define FEED_LEAST_MS 3000
#define FEED_SPREAD_MS 3500 /* and a good second more until somebody asks */
#define ROSE_ID 5655

static enum live_event_type type_of(enum trigger_event event)
{
    static const enum live_event_type types[TRIGGER_EVENTS] = {
        [TRIGGER_CHAT] = LIVE_CHAT,     [TRIGGER_VIEWER_FIRST_MESSAGE] = LIVE_CHAT,
        [TRIGGER_GIFT] = LIVE_GIFT,     [TRIGGER_VIEWER_JOIN] = LIVE_JOIN,
        [TRIGGER_FOLLOW] = LIVE_FOLLOW, [TRIGGER_SUBSCRIBE] = LIVE_SUBSCRIBE,
        [TRIGGER_SHARE] = LIVE_SHARE,   [TRIGGER_LIKE] = LIVE_LIKE,
    };
    return types[event];
}

static const char *or_usual(const char *text, const char *usual)
{
    return text_is_blank(text) ? usual : text;
}

static int64_t or_one(int64_t value)
{
    return value > 0 ? value : 1;
}

/* TikTok's numbers have 32 bits. */
static int32_t narrow(int64_t value)
{
    return value < INT32_MAX ? (int32_t)value : INT32_MAX;
}

void made_up_fill(struct arena *arena, const struct made_up *made_up,
                  struct made_up_event *ret_event)
{
    struct live_event *event = &ret_event->event;
    const char *username = or_usual(made_up->username, "viewer");
    *ret_event = (struct made_up_event){
        .event = {.type = type_of(made_up->event),
                  .msg_id = made_up->msg_id,
                  .display_key = "",
                  .user = {.nickname = or_usual(made_up->user, username),
                           .display_id = username,
                           .sec_uid = "",
                           .avatar = ""}},
    };
    if (event->type == LIVE_CHAT) {
        event->chat.content = or_usual(made_up->message, "Привет!");
        event->chat.language = "";
    } else if (event->type == LIVE_LIKE) {
        event->like.count = or_one(made_up->count);
    } else if (event->type == LIVE_GIFT) {
        event->gift.gift_id = made_up->gift_id ? made_up->gift_id : ROSE_ID;
        event->gift.name = or_usual(made_up->gift_name, "Rose");
        event->gift.repeat_count = narrow(or_one(made_up->count));
        event->gift.diamond_count = narrow(or_one(made_up->diamonds) / event->gift.repeat_count);
        ret_event->step = (struct streak_step){.gift = event,
                                               .added = or_one(made_up->count),
                                               .count = or_one(made_up->count),
                                               .diamonds = or_one(made_up->diamonds),
                                               .final = true};
        ret_event->occasion = occasion_of_gift(arena, &ret_event->step);
        return;
    }
    bool is_occasion = occasion_of(arena, event, &ret_event->occasion);
    (void)is_occasion; /* all of type_of's are */
    ret_event->occasion.event = made_up->event;
}

struct made_up made_up_for(const struct trigger *trigger)
{
    struct made_up made_up = {
        .event = trigger->event,
        .count = trigger->combo_count,
        .diamonds = trigger->min_diamonds,
    };
    if (trigger->condition == TRIGGER_IF_USERNAME)
        made_up.username = trigger->value;
    else if (trigger->condition == TRIGGER_IF_MESSAGE_CONTAINS)
        made_up.message = trigger->value;
    else if (trigger->condition == TRIGGER_IF_GIFT_NAME)
        made_up.gift_name = trigger->value;
    else if (trigger->condition == TRIGGER_IF_GIFT_ID && trigger->value &&
             !text_parse_int(trigger->value, 1, INT64_MAX, &made_up.gift_id))
        made_up.gift_id = 0;
    return made_up;
}

void test_feed_begin(struct test_feed *feed, int64_t now_ms)
{
    feed->next_ms = now_ms + FEED_LEAST_MS;
}

bool test_feed_next(struct test_feed *feed, int64_t now_ms, uint32_t chance,
                    struct made_up *ret_made_up)
{
    static const struct made_up events[] = {
        {.event = TRIGGER_CHAT, .user = "Маша", .username = "masha", .message = "Привет, стример!"},
        {.event = TRIGGER_GIFT, .user = "Иван", .username = "ivan", .count = 1, .diamonds = 1},
        {.event = TRIGGER_CHAT, .user = "Kate", .username = "kate", .message = "Nice stream!"},
        {.event = TRIGGER_CHAT, .user = "Олег", .username = "oleg", .message = "Во что играем?"},
        {.event = TRIGGER_GIFT, .user = "Kate", .username = "kate", .count = 3, .diamonds = 3},
        {.event = TRIGGER_CHAT, .user = "Аня", .username = "anya", .message = "Всем хорошего дня"},
    };
    if (now_ms < feed->next_ms)
        return false;
    feed->next_ms = now_ms + FEED_LEAST_MS + chance % FEED_SPREAD_MS;
    *ret_made_up = events[feed->count++ % ARRAY_LEN(events)];
    return true;
}
