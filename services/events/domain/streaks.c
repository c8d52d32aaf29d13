/* SPDX-License-Identifier: MIT */
#include "services/events/domain/streaks.h"

#include "lib/base/macros.h"

#include <assert.h>

struct streak {
    int64_t user_id, gift_id, group_id, room_id;
    int64_t seen;
    int64_t last_ms; /* of its latest message, or of its end */
    bool ended;
    struct live_event *latest; /* NULL once it has ended */
};

struct streaks {
    streak_fn *on_step;
    void *closure;
    size_t count;
    struct streak items[STREAKS_MAX]; /* in no order */
};

struct streaks *streaks_new(streak_fn *on_step, void *closure)
{
    struct streaks *streaks = calloc(1, sizeof(*streaks));
    if (!streaks)
        abort();
    streaks->on_step = on_step;
    streaks->closure = closure;
    return streaks;
}

/* Copies text behind *end and moves *end on. */
static const char *copy_text(char **end, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = memcpy(*end, text, size);
    *end += size;
    return copy;
}

/* One block that holds the event and its texts. */
static struct live_event *clone_gift(const struct live_event *gift)
{
    const struct live_user *user = &gift->user;
    const char *const texts[] = {user->nickname, user->display_id,  user->sec_uid,
                                 user->avatar,   gift->display_key, gift->gift.name};
    size_t size = sizeof(*gift);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        size += strlen(texts[i]) + 1;

    struct live_event *copy = malloc(size);
    if (!copy)
        abort();
    *copy = *gift;
    char *end = (char *)(copy + 1);
    copy->user.nickname = copy_text(&end, user->nickname);
    copy->user.display_id = copy_text(&end, user->display_id);
    copy->user.sec_uid = copy_text(&end, user->sec_uid);
    copy->user.avatar = copy_text(&end, user->avatar);
    copy->user.badges = NULL;
    copy->user.badge_count = 0;
    copy->display_key = copy_text(&end, gift->display_key);
    copy->gift.name = copy_text(&end, gift->gift.name);
    copy->gift.image = "";
    return copy;
}

static void report(struct streaks *streaks, const struct live_event *gift, int64_t added,
                   int64_t count, bool final)
{
    const struct live_gift *g = &gift->gift;
    int64_t groups = g->group_count > 1 ? g->group_count : 1;
    int64_t unit = g->diamond_count > 0 ? g->diamond_count * groups : 0;
    struct streak_step step = {
        .gift = gift,
        .added = added,
        .count = count,
        .diamonds = 0,
        .final = final,
    };
    if (__builtin_mul_overflow(unit, count, &step.diamonds))
        step.diamonds = INT64_MAX;
    streaks->on_step(streaks->closure, &step);
}

static void end_streak(struct streaks *streaks, struct streak *streak, int64_t now_ms)
{
    struct live_event *latest = TAKE(streak->latest);
    streak->ended = true;
    streak->last_ms = now_ms;
    report(streaks, latest, 0, streak->seen, true);
    free(latest);
}

static struct streak *find(struct streaks *streaks, const struct live_event *gift)
{
    for (size_t i = 0; i < streaks->count; i++) {
        struct streak *s = &streaks->items[i];
        if (s->group_id == gift->gift.group_id && s->user_id == gift->user.id &&
            s->gift_id == gift->gift.gift_id && s->room_id == gift->room_id)
            return s;
    }
    return NULL;
}

/* The one to give up when there's no room: an ended one before a running one, then the oldest. */
static struct streak *oldest(struct streaks *streaks)
{
    struct streak *best = &streaks->items[0];
    for (size_t i = 1; i < streaks->count; i++) {
        struct streak *s = &streaks->items[i];
        bool better = s->ended == best->ended ? s->last_ms < best->last_ms : s->ended;
        if (better)
            best = s;
    }
    return best;
}

static struct streak *insert(struct streaks *streaks, const struct live_event *gift, int64_t now_ms)
{
    struct streak *slot;
    if (streaks->count < STREAKS_MAX) {
        slot = &streaks->items[streaks->count++];
    } else {
        slot = oldest(streaks);
        if (!slot->ended)
            end_streak(streaks, slot, now_ms);
    }
    *slot = (struct streak){
        .user_id = gift->user.id,
        .gift_id = gift->gift.gift_id,
        .group_id = gift->gift.group_id,
        .room_id = gift->room_id,
    };
    return slot;
}

/* A message that leaves out the gift's description is part of a streak when it has a group. */
static bool can_streak(const struct live_gift *gift)
{
    return gift->group_id != 0 && (gift->streakable || !gift->has_price);
}

void streaks_add(struct streaks *streaks, const struct live_event *gift, int64_t now_ms)
{
    assert(gift->type == LIVE_GIFT);
    int64_t count = gift->gift.repeat_count;
    if (!can_streak(&gift->gift)) {
        count = count > 0 ? count : 1;
        report(streaks, gift, count, count, true);
        return;
    }

    struct streak *streak = find(streaks, gift);
    if (!streak)
        streak = insert(streaks, gift, now_ms);
    if (streak->ended)
        return;

    int64_t added = count > streak->seen ? count - streak->seen : 0;
    streak->seen += added;
    streak->last_ms = now_ms;
    if (gift->gift.repeat_end == 1) {
        free(TAKE(streak->latest));
        streak->ended = true;
        report(streaks, gift, added, streak->seen, true);
        return;
    }
    if (added == 0 && streak->latest)
        return;
    free(streak->latest);
    streak->latest = clone_gift(gift);
    report(streaks, gift, added, streak->seen, false);
}

int64_t streaks_flush(struct streaks *streaks, int64_t now_ms)
{
    int64_t next = -1;
    for (size_t i = 0; i < streaks->count;) {
        struct streak *s = &streaks->items[i];
        if (!s->ended && now_ms - s->last_ms >= STREAKS_IDLE_MS)
            end_streak(streaks, s, now_ms);
        int64_t left = s->last_ms + (s->ended ? STREAKS_KEPT_MS : STREAKS_IDLE_MS) - now_ms;
        if (left <= 0) {
            *s = streaks->items[--streaks->count];
            continue;
        }
        if (next < 0 || left < next)
            next = left;
        i++;
    }
    return next;
}

void streaks_end(struct streaks *streaks, int64_t now_ms)
{
    for (size_t i = 0; i < streaks->count; i++) {
        if (!streaks->items[i].ended)
            end_streak(streaks, &streaks->items[i], now_ms);
    }
}

void streaks_free(struct streaks *streaks)
{
    if (!streaks)
        return;
    for (size_t i = 0; i < streaks->count; i++)
        free(streaks->items[i].latest);
    free(streaks);
}
