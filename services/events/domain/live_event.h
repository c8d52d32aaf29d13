/* SPDX-License-Identifier: MIT */
/* Something that happened in a live stream, in a form of our own: no TikTok message shows through.
 * Texts are never NULL: what wasn't sent is "", 0, false or an empty list. Texts may hold invalid
 * UTF-8 (the JSON writer mends it). All memory belongs to whoever made the event, and lives as long
 * as the callback that hands it over. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* LIVE_EVENT_ROW(enumerator, name in logs and metrics) */
#define LIVE_EVENT_TABLE(LIVE_EVENT_ROW)                                                           \
    LIVE_EVENT_ROW(CHAT, "chat")                                                                   \
    LIVE_EVENT_ROW(GIFT, "gift")                                                                   \
    LIVE_EVENT_ROW(LIKE, "like")                                                                   \
    LIVE_EVENT_ROW(JOIN, "join")                                                                   \
    LIVE_EVENT_ROW(FOLLOW, "follow")                                                               \
    LIVE_EVENT_ROW(SHARE, "share")                                                                 \
    LIVE_EVENT_ROW(SUBSCRIBE, "subscribe")                                                         \
    LIVE_EVENT_ROW(VIEWERS, "viewers")                                                             \
    LIVE_EVENT_ROW(CONTROL, "control")                                                             \
    LIVE_EVENT_ROW(QUESTION, "question")                                                           \
    LIVE_EVENT_ROW(INTRO, "intro")                                                                 \
    LIVE_EVENT_ROW(CAPTION, "caption")                                                             \
    LIVE_EVENT_ROW(DELETE, "delete")                                                               \
    LIVE_EVENT_ROW(PIN, "pin")                                                                     \
    LIVE_EVENT_ROW(ENVELOPE, "envelope")                                                           \
    LIVE_EVENT_ROW(BARRAGE, "barrage")                                                             \
    LIVE_EVENT_ROW(BATTLE, "battle")                                                               \
    LIVE_EVENT_ROW(ARMIES, "armies")                                                               \
    LIVE_EVENT_ROW(ROOM, "room")                                                                   \
    LIVE_EVENT_ROW(GOAL, "goal")

enum live_event_type {
#define LIVE_EVENT_ROW(name, text) LIVE_##name,
    LIVE_EVENT_TABLE(LIVE_EVENT_ROW)
#undef LIVE_EVENT_ROW
        LIVE_EVENT_TYPES
};

struct live_badge {
    int32_t scene;     /* 1 moderator, 4 and 7 subscriber, 8 gifter level, 10 team level */
    const char *level; /* decimal */
};

struct live_user {
    int64_t id;
    const char *nickname;
    const char *display_id; /* the name in addresses: @display_id */
    const char *sec_uid;
    const char *avatar; /* a URL, good for hours or days */
    int64_t followers;
    int64_t follow_status; /* towards the host: 0 none, 1 follows, 2 and more mutual */
    bool moderator;
    bool subscriber;
    const struct live_badge *badges;
    size_t badge_count;
};

/* What a chatter is to the host, as the message itself says. */
struct live_identity {
    bool gift_giver, subscriber, mutual, follower, moderator, anchor;
};

struct live_emote {
    int32_t index; /* its place in the content */
    const char *id;
    const char *image;
};

/* content is "" when the message is emotes only. */
struct live_chat {
    const char *content;
    const char *language;
    const struct live_user *at_user; /* NULL when nobody is addressed */
    struct live_identity identity;
    const struct live_emote *emotes;
    size_t emote_count;
    const int32_t *comment_tags;
    size_t comment_tag_count;
};

/* A gift that streaks comes many times, repeat_count being the total so far: see streaks.h. */
struct live_gift {
    int64_t gift_id;
    const char *name;
    const char *image;     /* a URL, good for hours or days */
    bool has_price;        /* false: diamond_count and streakable aren't known */
    int32_t diamond_count; /* of one */
    int32_t gift_type;
    bool combo;
    int32_t repeat_count;
    int32_t combo_count;
    int32_t group_count;
    int32_t repeat_end;
    int64_t group_id; /* one streak's; 0 when it can't streak */
    int64_t send_type;
    int64_t to_user_id;
    bool streakable;
    bool final;       /* nothing more comes of this one */
    int64_t diamonds; /* of all repeats so far */
};

/* count is this user's taps; total is the room's, from servers that disagree: keep the maximum. */
struct live_like {
    int64_t count;
    int64_t total;
};

struct live_join {
    int32_t action;
    int64_t member_count;
    const char *enter_source;
    const char *enter_type;
};

/* A follow or a share. */
struct live_social {
    int64_t action;
    int64_t share_type;
    const char *share_target;
    int64_t follow_count;
    int64_t share_count;
};

struct live_subscribe {
    int64_t months;
    int32_t subscribe_type;
    int32_t old_status;
    int32_t message_type;
    int32_t status;
};

struct live_rank {
    int64_t rank;
    int64_t score;
    struct live_user user;
};

struct live_viewers {
    int64_t current;
    int64_t total; /* cumulative */
    int64_t popularity;
    int64_t anonymous;
    const struct live_rank *ranks;
    size_t rank_count;
};

enum live_control_kind {
    LIVE_CONTROL_OTHER,
    LIVE_CONTROL_PAUSE,
    LIVE_CONTROL_RESUME,
    LIVE_CONTROL_END,
    LIVE_CONTROL_SUSPENDED
};

struct live_control {
    enum live_control_kind kind;
    int32_t action;
    const char *source;
    const char *tips;
};

struct live_question {
    int64_t id;
    const char *content;
    int64_t created_s;
};

struct live_intro {
    int64_t id;
    const char *content;
    const char *language;
};

struct live_caption_line {
    const char *language;
    const char *text;
};

struct live_caption {
    int64_t timestamp;
    int64_t duration_ms;
    const struct live_caption_line *lines;
    size_t line_count;
};

/* A moderator took these messages, or all of these users, out of the chat. */
struct live_delete {
    const int64_t *message_ids;
    size_t message_count;
    const int64_t *user_ids;
    size_t user_count;
};

struct live_pin {
    const char *pinned_method;
    int64_t pinned_at_ms;
    int64_t message_id;
    int64_t operator_id;
    const struct live_event *pinned; /* NULL when it isn't of a kind that we know */
};

/* A treasure box. */
struct live_envelope {
    const char *id;
    int32_t business_type; /* 19 super fan box */
    int32_t display;       /* 1 new, 2 gone */
    const char *sender_name;
    const char *sender_id;
    int32_t diamonds;
    int32_t people;
    int64_t unpack_at_s;
};

/* A banner over the picture. subscribe: it announces a subscription of users[0]. */
struct live_barrage {
    int32_t kind;
    const char *content_key;
    const struct live_user *users;
    size_t user_count;
    bool subscribe;
};

struct live_battle {
    int64_t battle_id;
    int32_t action;
    int64_t start_ms;
    int64_t duration_s;
    int64_t action_by;
    const struct live_user *anchors;
    size_t anchor_count;
};

struct live_army_user {
    int64_t id;
    int64_t score;
    const char *nickname;
};

struct live_army {
    int64_t host_id;
    int64_t score;
    const struct live_army_user *users;
    size_t user_count;
};

struct live_armies {
    int64_t battle_id;
    int32_t trigger;
    int64_t gift_id;
    int64_t gift_count;
    int64_t total_diamonds;
    int64_t repeat_count;
    const struct live_army *armies;
    size_t army_count;
};

struct live_room {
    const char *content;
    const char *scene;
    bool is_welcome;
};

struct live_event {
    enum live_event_type type;
    int64_t msg_id;
    int64_t room_id;
    int64_t create_time;     /* ms since 1970, but seconds in some LIVE_ROOM; 0 when not told */
    const char *display_key; /* names the sentence that TikTok's own clients show */
    struct live_user user;   /* who did it; all empty where nobody did */
    union {
        struct live_chat chat;
        struct live_gift gift;
        struct live_like like;
        struct live_join join;
        struct live_social social;
        struct live_subscribe subscribe;
        struct live_viewers viewers;
        struct live_control control;
        struct live_question question;
        struct live_intro intro;
        struct live_caption caption;
        struct live_delete delete;
        struct live_pin pin;
        struct live_envelope envelope;
        struct live_barrage barrage;
        struct live_battle battle;
        struct live_armies armies;
        struct live_room room;
    };
};

/* "chat". */
const char *live_event_name(enum live_event_type type);
