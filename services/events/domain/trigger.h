/* SPDX-License-Identifier: MIT */
/* A user's rule: when this happens, play that. Whether it matches what happened; whether it may
 * fire again already is firings.h. */
#pragma once

#include "lib/base/arena.h"

#include <stdbool.h>
#include <stdint.h>

/* TRIGGER_EVENT_ROW(enumerator, its name to clients) */
#define TRIGGER_EVENT_TABLE(TRIGGER_EVENT_ROW)                                                     \
    TRIGGER_EVENT_ROW(CHAT, "chat")                                                                \
    TRIGGER_EVENT_ROW(GIFT, "gift")                                                                \
    TRIGGER_EVENT_ROW(VIEWER_JOIN, "viewer_join")                                                  \
    TRIGGER_EVENT_ROW(VIEWER_FIRST_MESSAGE, "viewer_first_message")                                \
    TRIGGER_EVENT_ROW(FOLLOW, "follow")                                                            \
    TRIGGER_EVENT_ROW(SUBSCRIBE, "subscribe")                                                      \
    TRIGGER_EVENT_ROW(SHARE, "share")                                                              \
    TRIGGER_EVENT_ROW(LIKE, "like")

enum trigger_event {
#define TRIGGER_EVENT_ROW(name, text) TRIGGER_##name,
    TRIGGER_EVENT_TABLE(TRIGGER_EVENT_ROW)
#undef TRIGGER_EVENT_ROW
        TRIGGER_EVENTS
};

#define TRIGGER_CONDITION_TABLE(TRIGGER_CONDITION_ROW)                                             \
    TRIGGER_CONDITION_ROW(ALWAYS, "always")                                                        \
    TRIGGER_CONDITION_ROW(USERNAME, "username")                                                    \
    TRIGGER_CONDITION_ROW(MESSAGE_CONTAINS, "message_contains")                                    \
    TRIGGER_CONDITION_ROW(GIFT_ID, "gift_id")                                                      \
    TRIGGER_CONDITION_ROW(GIFT_NAME, "gift_name")

enum trigger_condition {
#define TRIGGER_CONDITION_ROW(name, text) TRIGGER_IF_##name,
    TRIGGER_CONDITION_TABLE(TRIGGER_CONDITION_ROW)
#undef TRIGGER_CONDITION_ROW
        TRIGGER_CONDITIONS
};

struct trigger {
    const char *id;
    enum trigger_event event;
    enum trigger_condition condition;
    const char *value; /* folded; NULL: whatever it is */
    bool enabled;
    bool plays_sound;          /* else it speaks */
    const char *text_template; /* NULL: the event's usual words */
    const char *sound_filename;
    int64_t combo_count;
    int64_t cooldown_seconds;
    int64_t user_cooldown_seconds;
    bool once_per_stream;
    int64_t min_diamonds;
};

/* ---- names ---- */

const char *trigger_event_name(enum trigger_event event);
const char *trigger_condition_name(enum trigger_condition condition);

/* False for a name that is none. A blank condition is ALWAYS. */
MUST_CHECK bool trigger_event_parse(const char *name, enum trigger_event *ret_event);
MUST_CHECK bool trigger_condition_parse(const char *name, enum trigger_condition *ret_condition);

/* A condition's value in the form that it is compared in; NULL, whatever it is, for none, a blank
 * one and "*". */
const char *trigger_value(struct arena *arena, enum trigger_condition condition, const char *value);

/* ---- matching ---- */

struct occasion;

/* Whether this is what it waits for: enabled, its event, its condition, and for gifts how many and
 * how dear. */
bool trigger_matches(const struct trigger *trigger, const struct occasion *occasion);
