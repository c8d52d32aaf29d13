/* SPDX-License-Identifier: MIT */
/* What a viewer did, as triggers and speech see it: one form for all events that something may be
 * played for. Texts are never NULL ("" where there is none); those called folded are
 * domain/folded's. */
#pragma once

#include "services/events/domain/streaks.h"
#include "services/events/domain/trigger.h"

struct occasion {
    enum trigger_event event;
    int64_t room_id;         /* the stream */
    int64_t viewer_id;       /* TikTok's; 0: not known */
    int64_t viewer_diamonds; /* what the viewer has given in this stream so far */
    const char *username;
    const char *nickname; /* as shown: the username where there is none */
    const char *message;
    const char *gift_name;
    int64_t gift_id;
    int64_t count; /* of gifts, or likes */
    int64_t
        unspoken; /* such gifts of the viewer's of before, which there was no time to speak of */
    int64_t diamonds; /* of all of the gifts */

    const char *name_folded;
    const char *nickname_folded;
    const char *message_folded;
    const char *gift_name_folded;
};

/* What happened in a live, as an occasion; gifts by occasion_of_gift. False for an event that
 * nothing is played for. Texts are the event's, or live in the arena. */
MUST_CHECK bool occasion_of(struct arena *arena, const struct live_event *event,
                            struct occasion *ret_occasion);

/* A gift, or a streak of them. */
struct occasion occasion_of_gift(struct arena *arena, const struct streak_step *step);

/* How many gifts are to be thanked for: these, and the unspoken ones of before. */
int64_t occasion_gifts(const struct occasion *occasion);

/* Fills in the folded texts from the others. */
void occasion_fold(struct arena *arena, struct occasion *occasion);
