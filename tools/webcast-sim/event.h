/* SPDX-License-Identifier: MIT */
/* What happens in a room, before it is put into TikTok's words. */
#pragma once

#include "lib/base/arena.h"
#include "lib/base/buffer.h"
#include "tools/webcast-sim/people.h"

#include <stdbool.h>
#include <stdint.h>

/* EVENT_ROW(name, type in the control API, method). EVENT_OTHER is whatever was recorded or made
 * broken on purpose. */
#define EVENT_TABLE(EVENT_ROW)                                                                     \
    EVENT_ROW(CHAT, "chat", "WebcastChatMessage")                                                  \
    EVENT_ROW(GIFT, "gift", "WebcastGiftMessage")                                                  \
    EVENT_ROW(LIKE, "like", "WebcastLikeMessage")                                                  \
    EVENT_ROW(JOIN, "join", "WebcastMemberMessage")                                                \
    EVENT_ROW(FOLLOW, "follow", "WebcastSocialMessage")                                            \
    EVENT_ROW(SHARE, "share", "WebcastSocialMessage")                                              \
    EVENT_ROW(SUBSCRIBE, "subscribe", "WebcastSubNotifyMessage")                                   \
    EVENT_ROW(SUBSCRIBE_BANNER, "subscribe_banner", "WebcastBarrageMessage")                       \
    EVENT_ROW(SUBSCRIBE_MEMBER, "subscribe_member", "WebcastMemberMessage")                        \
    EVENT_ROW(EMOTE, "emote", "WebcastEmoteChatMessage")                                           \
    EVENT_ROW(DELETE, "delete", "WebcastImDeleteMessage")                                          \
    EVENT_ROW(VIEWERS, "viewers", "WebcastRoomUserSeqMessage")                                     \
    EVENT_ROW(CONTROL, "control", "WebcastControlMessage")                                         \
    EVENT_ROW(INTRO, "intro", "WebcastLiveIntroMessage")                                           \
    EVENT_ROW(WELCOME, "welcome", "RoomMessage")                                                   \
    EVENT_ROW(OTHER, "other", "")

enum event_kind {
#define EVENT_ROW(name, type, method) EVENT_##name,
    EVENT_TABLE(EVENT_ROW)
#undef EVENT_ROW
        EVENT_KIND_COUNT
};

enum gift_type { GIFT_STREAKABLE = 1, GIFT_FREE = 4 };

struct gift {
    int64_t id;
    const char *name;
    int diamonds; /* of one */
    int type;
};

/* One event; which members count depends on the kind. Texts are borrowed. */
struct event {
    enum event_kind kind;
    struct person person; /* who; the host for an intro */
    const char *text;     /* chat, intro, welcome */
    const char *language;
    struct gift gift;
    int repeat_count; /* gift: the running total of its streak */
    bool repeat_end;
    int64_t group_id; /* gift: 0 for one that can't streak */
    int count; /* like: taps; join: members; share: viewers that came of it; subscribe: months */
    int64_t total;      /* like: of the room; follow: followers; viewers: now */
    int64_t total_ever; /* viewers: cumulative */
    int action;         /* control: 1 paused, 2 resumed, 3 ended, 4 suspended */
    int64_t target_id;  /* delete: of the message; 0: all of the person's */
};

/* Where and when. */
struct event_stamp {
    int64_t msg_id;
    int64_t room_id;
    int64_t now_ms;
};

const char *event_type(enum event_kind kind);
const char *event_method(enum event_kind kind);
MUST_CHECK bool event_parse_type(const char *type, enum event_kind *ret_kind);
/* EVENT_OTHER for a method that isn't in the table; a social message counts as a follow. */
enum event_kind event_kind_of_method(const char *method);

/* The event's message as it stands in BaseProtoMessage.payload, in the arena. */
struct slice event_encode(struct arena *arena, const struct event *event,
                          const struct event_stamp *stamp);
