/* SPDX-License-Identifier: MIT */
/* Events that no viewer caused: to try triggers with, and for the test feed of clients without a
 * live. */
#pragma once

#include "services/events/domain/occasion.h"

struct made_up {
    enum trigger_event event;
    int64_t msg_id;
    const char *user; /* the nickname; NULL, as any text here: something usual */
    const char *username;
    const char *message;
    const char *gift_name;
    int64_t gift_id; /* 0: something usual, as any number here */
    int64_t count;
    int64_t diamonds; /* of all gifts together */
};

/* One event in the forms in which others are taken. */
struct made_up_event {
    struct live_event event;
    struct streak_step step; /* of a gift */
    struct occasion occasion;
};

/* Texts live in the arena or are made_up's. ret_event points into itself: it must not be copied. */
void made_up_fill(struct arena *arena, const struct made_up *made_up,
                  struct made_up_event *ret_event);

/* An event that the trigger waits for; texts are the trigger's, or constant. */
struct made_up made_up_for(const struct trigger *trigger);

/* ---- the test feed ---- */

struct test_feed {
    int64_t next_ms;
    unsigned count;
};

/* Somebody begins to listen: the first event comes when what they want to hear is known. */
void test_feed_begin(struct test_feed *feed, int64_t now_ms);

/* The next made-up chat message or gift, when its time has come: every 3 to 8 seconds, if it is
 * called each second. chance is any random number. */
MUST_CHECK bool test_feed_next(struct test_feed *feed, int64_t now_ms, uint32_t chance,
                               struct made_up *ret_made_up);
