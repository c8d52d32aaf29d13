/* SPDX-License-Identifier: MIT */
#include "services/events/domain/firings.h"

#include "lib/base/recent.h"

#include <inttypes.h>
#include <stdio.h>

#define SECOND_MS 1000
#define NEVER INT64_C(0)

struct firings {
    /* int64_t, wall ms. Apart, since a crowd of viewers must not push out what fired once. */
    struct recent *for_anybody, *for_viewers;
};

struct firings *firings_new(void)
{
    struct firings *firings = calloc(1, sizeof(*firings));
    if (!firings)
        abort();
    firings->for_anybody = recent_new(sizeof(int64_t), FIRINGS_MAX);
    firings->for_viewers = recent_new(sizeof(int64_t), FIRINGS_MAX);
    return firings;
}

static struct recent *times_of(const struct firings *firings, int64_t viewer_id)
{
    return viewer_id == FIRINGS_ANYBODY ? firings->for_anybody : firings->for_viewers;
}

static void make_key(const char *trigger_id, int64_t room_id, int64_t viewer_id,
                     char ret_key[RECENT_KEY_SIZE])
{
    (void)snprintf(ret_key, RECENT_KEY_SIZE, "%.36s/%" PRId64 "/%" PRId64, trigger_id, room_id,
                   viewer_id);
}

void firings_note(struct firings *firings, const char *trigger_id, int64_t room_id,
                  int64_t viewer_id, int64_t at_ms)
{
    char key[RECENT_KEY_SIZE];
    make_key(trigger_id, room_id, viewer_id, key);
    int64_t *last = recent_put(times_of(firings, viewer_id), key);
    if (*last < at_ms)
        *last = at_ms;
}

static int64_t last_ms(const struct firings *firings, const struct trigger *trigger,
                       int64_t room_id, int64_t viewer_id)
{
    char key[RECENT_KEY_SIZE];
    make_key(trigger->id, room_id, viewer_id, key);
    const int64_t *last = recent_find(times_of(firings, viewer_id), key);
    return last ? *last : NEVER;
}

static bool is_within(int64_t last, int64_t seconds, int64_t now_ms)
{
    return last != NEVER && now_ms - last < seconds * SECOND_MS;
}

bool firings_forbid(const struct firings *firings, const struct trigger *trigger,
                    const struct occasion *occasion, int64_t now_ms)
{
    if (trigger->once_per_stream || trigger->cooldown_seconds > 0) {
        int64_t last = last_ms(firings, trigger, occasion->room_id, FIRINGS_ANYBODY);
        if ((trigger->once_per_stream && last != NEVER) ||
            is_within(last, trigger->cooldown_seconds, now_ms))
            return true;
    }
    if (trigger->user_cooldown_seconds == 0 || occasion->viewer_id == FIRINGS_ANYBODY)
        return false;
    return is_within(last_ms(firings, trigger, occasion->room_id, occasion->viewer_id),
                     trigger->user_cooldown_seconds, now_ms);
}

void firings_add(struct firings *firings, const struct trigger *trigger,
                 const struct occasion *occasion, int64_t now_ms)
{
    if (trigger->once_per_stream || trigger->cooldown_seconds > 0)
        firings_note(firings, trigger->id, occasion->room_id, FIRINGS_ANYBODY, now_ms);
    if (trigger->user_cooldown_seconds > 0 && occasion->viewer_id != FIRINGS_ANYBODY)
        firings_note(firings, trigger->id, occasion->room_id, occasion->viewer_id, now_ms);
}

void firings_free(struct firings *firings)
{
    if (!firings)
        return;
    recent_free(firings->for_anybody);
    recent_free(firings->for_viewers);
    free(firings);
}
