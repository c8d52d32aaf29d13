/* SPDX-License-Identifier: MIT */
/* What a user's app is still busy saying. Apps speak one text after another, so in a storm speech
 * would lag ever further behind the live. This reckons how long the app is busy, and lets a text in
 * only when it would begin soon enough for what it is worth (docs/storms.md): gifts wait longest,
 * chat the least, and no text waits without limit. Time is passed in (monotonic ms). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum playback_worth {
    PLAYBACK_CHAT,    /* a message spoken because all are; joins, likes, shares */
    PLAYBACK_TRIGGER, /* chat that a trigger of the user's wants spoken; follows */
    PLAYBACK_GIFT,    /* gifts and subscriptions */
    PLAYBACK_TREASURE /* gifts of PLAYBACK_TREASURE_DIAMONDS and more */
};

#define PLAYBACK_TREASURE_DIAMONDS 1000
#define PLAYBACK_WAITING_MAX 128 /* texts remembered as not yet spoken: no more can wait */
#define PLAYBACK_OWED_MAX 64     /* gifts remembered as not spoken */

struct playback {
    int64_t busy_until_ms;
    struct {
        uint64_t text; /* its hash */
        int64_t until_ms;
    } waiting[PLAYBACK_WAITING_MAX];
    size_t next_waiting;
    struct {
        int64_t viewer_id, gift_id;
        int64_t count;
        int64_t since_ms;
    } owed[PLAYBACK_OWED_MAX];
};

/* Whether there is time for the text. A text that already waits to be spoken is not let in a second
 * time. */
bool playback_admits(const struct playback *playback, enum playback_worth worth, const char *text,
                     int64_t now_ms);

/* The app was given the text, and is busy with it. */
void playback_say(struct playback *playback, const char *text, int64_t now_ms);

/* ---- gifts that found no room are added to the sender's next one of that kind ---- */

/* How many of these gifts of the viewer's were not spoken lately. None of viewers without an id
 * (0), who may be many. */
int64_t playback_owed(const struct playback *playback, int64_t viewer_id, int64_t gift_id,
                      int64_t now_ms);

/* From now on count of them are unspoken: 0 when they were spoken. */
void playback_owe(struct playback *playback, int64_t viewer_id, int64_t gift_id, int64_t count,
                  int64_t now_ms);
