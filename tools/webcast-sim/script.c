/* SPDX-License-Identifier: MIT */
#include "tools/webcast-sim/script.h"

#include "tools/webcast-sim/phrases.h"

#define STREAK_MAX 4

/* How many of each kind a bag holds. Even: 9 in all, so that with the longest streaks 40 events (10
 * s at the default rate) still hold two bags. Real: the mean of recorded captures. */
static const struct {
    enum event_kind kind;
    uint8_t weights[2];
} mix_table[] = {
    {EVENT_CHAT, {2, 22}},    {EVENT_LIKE, {1, 23}},     {EVENT_JOIN, {1, 36}},
    {EVENT_GIFT, {1, 1}},     {EVENT_FOLLOW, {1, 2}},    {EVENT_SHARE, {1, 1}},
    {EVENT_VIEWERS, {1, 14}}, {EVENT_SUBSCRIBE, {1, 1}},
};

static const struct gift streakable_gifts[] = {
    {5655, "Rose", 1, GIFT_STREAKABLE},           {5655, "Rose", 1, GIFT_STREAKABLE},
    {5269, "TikTok", 1, GIFT_STREAKABLE},         {5487, "Finger Heart", 5, GIFT_STREAKABLE},
    {5827, "Ice Cream Cone", 1, GIFT_STREAKABLE}, {5479, "Coffee", 1, GIFT_STREAKABLE},
    {8239, "White Rose", 1, GIFT_STREAKABLE},     {6912, "Cat Paws", 1, GIFT_STREAKABLE},
};

static const struct gift free_gift = {7934, "Heart Me", 1, GIFT_FREE};

void script_init(struct script *script, uint64_t seed, enum script_mix mix)
{
    *script = (struct script){.dice = {seed}, .mix = mix};
    script->likes = dice_between(&script->dice, 500, 50000);
    script->followers = dice_between(&script->dice, 100, 20000);
    script->viewers = dice_between(&script->dice, 20, 800);
    script->viewers_ever = script->viewers * dice_between(&script->dice, 3, 30);
}

static void bag_fill(struct script *script)
{
    for (size_t i = 0; i < ARRAY_LEN(mix_table); i++) {
        for (int n = 0; n < mix_table[i].weights[script->mix]; n++)
            script->bag[script->bag_left++] = (uint8_t)mix_table[i].kind;
    }
    for (size_t i = script->bag_left - 1; i > 0; i--) {
        size_t other = dice_below(&script->dice, i + 1);
        uint8_t kept = script->bag[i];
        script->bag[i] = script->bag[other];
        script->bag[other] = kept;
    }
}

static void make_chat(struct script *script, struct event *event)
{
    struct phrase phrase = phrase_pick(&script->dice);
    event->text = phrase.text;
    event->language = phrase.language;
}

static void make_viewers(struct script *script, struct event *event)
{
    script->viewers += dice_between(&script->dice, -4, 5);
    if (script->viewers < 0)
        script->viewers = 0;
    event->total = script->viewers;
    event->total_ever = script->viewers_ever;
}

void script_make(struct script *script, enum event_kind kind, struct event *ret_event)
{
    struct event event = {.kind = kind};
    person_make(dice_below(&script->dice, PEOPLE_COUNT), &event.person);

    if (kind == EVENT_CHAT)
        make_chat(script, &event);
    if (kind == EVENT_VIEWERS)
        make_viewers(script, &event);
    if (kind == EVENT_GIFT) {
        event.gift = free_gift;
        event.repeat_count = 1;
    }
    if (kind == EVENT_LIKE) {
        event.count = (int)dice_between(&script->dice, 1, 15);
        event.total = script->likes += event.count;
    }
    if (kind == EVENT_JOIN) {
        script->viewers_ever++;
        event.count = (int)++script->viewers;
    }
    if (kind == EVENT_FOLLOW)
        event.total = ++script->followers;
    if (kind == EVENT_SHARE || kind == EVENT_SUBSCRIBE)
        event.count = (int)dice_between(&script->dice, 1, 5);
    *ret_event = event;
}

void script_forget_streaks(struct script *script)
{
    memset(script->streaks, 0, sizeof(script->streaks));
}

struct gift script_streakable_gift(struct script *script)
{
    return streakable_gifts[dice_below(&script->dice, ARRAY_LEN(streakable_gifts))];
}

/* One more of the gift, or, some seconds after the last one, the message that ends the streak. */
static void streak_step(struct script *script, struct streak *streak, int64_t now_ms,
                        struct event *ret_event)
{
    bool end = streak->count == streak->target;
    if (!end)
        streak->count++;
    *ret_event = (struct event){
        .kind = EVENT_GIFT,
        .person = streak->person,
        .gift = streak->gift,
        .repeat_count = streak->count,
        .repeat_end = end,
        .group_id = streak->group_id,
    };
    streak->due_ms =
        now_ms + (streak->count < streak->target ? dice_between(&script->dice, 150, 500)
                                                 : dice_between(&script->dice, 1400, 4100));
    if (end)
        streak->target = 0;
}

static struct streak *streak_due(struct script *script, int64_t now_ms)
{
    for (size_t i = 0; i < SCRIPT_STREAKS; i++) {
        if (script->streaks[i].target && script->streaks[i].due_ms <= now_ms)
            return &script->streaks[i];
    }
    return NULL;
}

static struct streak *streak_idle(struct script *script)
{
    for (size_t i = 0; i < SCRIPT_STREAKS; i++) {
        if (!script->streaks[i].target)
            return &script->streaks[i];
    }
    return NULL;
}

/* One in four gifts, and all that come while every slot is taken, are single ones. */
static void gift_start(struct script *script, int64_t now_ms, struct event *ret_event)
{
    struct streak *streak = streak_idle(script);
    if (!streak || dice_below(&script->dice, 4) == 0) {
        script_make(script, EVENT_GIFT, ret_event);
        return;
    }
    *streak = (struct streak){
        .gift = script_streakable_gift(script),
        .group_id = now_ms * 8 + (streak - script->streaks), /* a number of its own in the room */
        .target = (int)dice_between(&script->dice, 1, STREAK_MAX),
    };
    person_make(dice_below(&script->dice, PEOPLE_COUNT), &streak->person);
    streak_step(script, streak, now_ms, ret_event);
}

void script_next(struct script *script, int64_t now_ms, struct event *ret_event)
{
    struct streak *streak = streak_due(script, now_ms);
    if (streak) {
        streak_step(script, streak, now_ms, ret_event);
        return;
    }
    if (script->bag_left == 0)
        bag_fill(script);

    enum event_kind kind = (enum event_kind)script->bag[--script->bag_left];
    if (kind == EVENT_GIFT)
        gift_start(script, now_ms, ret_event);
    else
        script_make(script, kind, ret_event);
}
