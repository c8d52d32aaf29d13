/* SPDX-License-Identifier: MIT */
/* Events as the recordings' lists of expected results write them: ids are text, and what is at its
 * default is left out. Static, since a test is one file. */
#pragma once

#include "services/events/domain/live_event.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

static void put_int(json_t *object, const char *key, int64_t value)
{
    if (value != 0)
        json_object_set_new(object, key, json_integer(value));
}

static json_t *id_text(uint64_t id)
{
    char text[24];
    snprintf(text, sizeof(text), "%" PRIu64, id);
    return json_string(text);
}

static void put_id(json_t *object, const char *key, int64_t id)
{
    if (id != 0)
        json_object_set_new(object, key, id_text((uint64_t)id));
}

static void put_text(json_t *object, const char *key, const char *value)
{
    if (value[0])
        json_object_set_new(object, key, json_string(value));
}

static void put_bool(json_t *object, const char *key, bool value)
{
    if (value)
        json_object_set_new(object, key, json_true());
}

/* Objects and arrays count as absent when empty. */
static void put_new(json_t *object, const char *key, json_t *value)
{
    if (json_object_size(value) > 0 || json_array_size(value) > 0)
        json_object_set_new(object, key, value);
    else
        json_decref(value);
}

static json_t *user_json(const struct live_user *user)
{
    json_t *out = json_object();
    put_id(out, "id", user->id);
    put_text(out, "nickname", user->nickname);
    put_text(out, "display_id", user->display_id);
    put_text(out, "sec_uid", user->sec_uid);
    put_text(out, "avatar", user->avatar);
    put_int(out, "followers", user->followers);
    put_int(out, "follow_status", user->follow_status);
    put_bool(out, "moderator", user->moderator);
    put_bool(out, "subscriber", user->subscriber);
    json_t *badges = json_array();
    for (size_t i = 0; i < user->badge_count; i++) {
        json_t *badge = json_object();
        put_int(badge, "scene", user->badges[i].scene);
        put_text(badge, "level", user->badges[i].level);
        json_array_append_new(badges, badge);
    }
    put_new(out, "badges", badges);
    return out;
}

static json_t *emotes_json(const struct live_chat *chat)
{
    json_t *out = json_array();
    for (size_t i = 0; i < chat->emote_count; i++) {
        json_t *emote = json_object();
        put_text(emote, "id", chat->emotes[i].id);
        if (chat->content[0])
            put_int(emote, "index", chat->emotes[i].index);
        else
            put_text(emote, "image", chat->emotes[i].image);
        json_array_append_new(out, emote);
    }
    return out;
}

static json_t *identity_json(const struct live_identity *identity)
{
    json_t *out = json_object();
    put_bool(out, "gift_giver", identity->gift_giver);
    put_bool(out, "subscriber", identity->subscriber);
    put_bool(out, "mutual", identity->mutual);
    put_bool(out, "follower", identity->follower);
    put_bool(out, "moderator", identity->moderator);
    put_bool(out, "anchor", identity->anchor);
    return out;
}

static void put_chat(json_t *out, const struct live_chat *chat)
{
    put_text(out, "content", chat->content);
    put_text(out, "language", chat->language);
    put_new(out, "emotes", emotes_json(chat));
    if (chat->content[0])
        put_new(out, "identity", identity_json(&chat->identity));
    if (chat->at_user)
        put_new(out, "at_user", user_json(chat->at_user));
    json_t *tags = json_array();
    for (size_t i = 0; i < chat->comment_tag_count; i++)
        json_array_append_new(tags, json_integer(chat->comment_tags[i]));
    put_new(out, "comment_tags", tags);
}

static void put_gift(json_t *out, const struct live_gift *gift)
{
    put_id(out, "gift_id", gift->gift_id);
    put_text(out, "gift_name", gift->name);
    put_int(out, "diamond_count", gift->diamond_count);
    put_int(out, "gift_type", gift->gift_type);
    put_bool(out, "combo", gift->combo);
    put_int(out, "repeat_count", gift->repeat_count);
    put_int(out, "combo_count", gift->combo_count);
    put_int(out, "group_count", gift->group_count);
    put_int(out, "repeat_end", gift->repeat_end);
    put_id(out, "group_id", gift->group_id);
    put_int(out, "send_type", gift->send_type);
    put_id(out, "to_user_id", gift->to_user_id);
    put_bool(out, "streakable", gift->streakable);
    put_bool(out, "final", gift->final);
    put_int(out, "diamonds", gift->diamonds);
}

static void put_social(json_t *out, const struct live_social *social)
{
    put_int(out, "action", social->action);
    put_int(out, "share_type", social->share_type);
    put_text(out, "share_target", social->share_target);
    put_int(out, "follow_count", social->follow_count);
    put_int(out, "share_count", social->share_count);
}

static void put_viewers(json_t *out, const struct live_viewers *viewers)
{
    put_int(out, "current", viewers->current);
    put_int(out, "total", viewers->total);
    put_int(out, "popularity", viewers->popularity);
    put_int(out, "anonymous", viewers->anonymous);
    json_t *ranks = json_array();
    for (size_t i = 0; i < viewers->rank_count; i++) {
        json_t *rank = json_object();
        put_int(rank, "rank", viewers->ranks[i].rank);
        put_int(rank, "score", viewers->ranks[i].score);
        put_new(rank, "user", user_json(&viewers->ranks[i].user));
        json_array_append_new(ranks, rank);
    }
    put_new(out, "ranks", ranks);
}

static void put_control(json_t *out, const struct live_control *control)
{
    static const char *const kinds[] = {
        [LIVE_CONTROL_OTHER] = "",
        [LIVE_CONTROL_PAUSE] = "pause",
        [LIVE_CONTROL_RESUME] = "resume",
        [LIVE_CONTROL_END] = "end",
        [LIVE_CONTROL_SUSPENDED] = "suspended",
    };
    put_int(out, "action", control->action);
    put_text(out, "control", kinds[control->kind]);
    put_text(out, "source", control->source);
    put_text(out, "tips", control->tips);
}

static void put_caption(json_t *out, const struct live_caption *caption)
{
    put_int(out, "timestamp", caption->timestamp);
    put_int(out, "duration_ms", caption->duration_ms);
    json_t *lines = json_array();
    for (size_t i = 0; i < caption->line_count; i++) {
        json_t *line = json_object();
        put_text(line, "language", caption->lines[i].language);
        put_text(line, "text", caption->lines[i].text);
        json_array_append_new(lines, line);
    }
    put_new(out, "content", lines);
}

static json_t *ids_json(const int64_t *ids, size_t count)
{
    json_t *out = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(out, id_text((uint64_t)ids[i]));
    return out;
}

static json_t *event_json(const struct live_event *event);

static void put_pin(json_t *out, const struct live_pin *pin)
{
    put_text(out, "pinned_method", pin->pinned_method);
    put_int(out, "pin_time_ms", pin->pinned_at_ms);
    put_id(out, "pin_msg_id", pin->message_id);
    json_t *host = json_object();
    put_id(host, "id", pin->operator_id);
    put_new(out, "operator", host);
    if (pin->pinned)
        put_new(out, "pinned", event_json(pin->pinned));
}

static void put_envelope(json_t *out, const struct live_envelope *envelope)
{
    put_text(out, "id", envelope->id);
    put_int(out, "business_type", envelope->business_type);
    put_int(out, "display", envelope->display);
    put_text(out, "sender_name", envelope->sender_name);
    put_text(out, "sender_id", envelope->sender_id);
    put_int(out, "diamonds", envelope->diamonds);
    put_int(out, "people", envelope->people);
    put_int(out, "unpack_at_s", envelope->unpack_at_s);
}

static json_t *users_json(const struct live_user *users, size_t count)
{
    json_t *out = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(out, user_json(&users[i]));
    return out;
}

static void put_battle(json_t *out, const struct live_battle *battle)
{
    put_id(out, "battle_id", battle->battle_id);
    put_int(out, "action", battle->action);
    put_int(out, "start_ms", battle->start_ms);
    put_int(out, "duration_s", battle->duration_s);
    put_id(out, "action_by", battle->action_by);
    json_t *anchors = users_json(battle->anchors, battle->anchor_count);
    for (size_t i = 0; i < json_array_size(anchors); i++)
        json_object_del(json_array_get(anchors, i), "avatar"); /* not in the recordings' list */
    put_new(out, "anchors", anchors);
}

static json_t *army_json(const struct live_army *army)
{
    json_t *out = json_object();
    put_id(out, "host_id", army->host_id);
    put_int(out, "score", army->score);
    json_t *users = json_array();
    for (size_t i = 0; i < army->user_count; i++) {
        json_t *user = json_object();
        put_id(user, "id", army->users[i].id);
        put_int(user, "score", army->users[i].score);
        put_text(user, "nickname", army->users[i].nickname);
        json_array_append_new(users, user);
    }
    put_new(out, "users", users);
    return out;
}

static void put_armies(json_t *out, const struct live_armies *armies)
{
    put_id(out, "battle_id", armies->battle_id);
    put_int(out, "trigger", armies->trigger);
    put_id(out, "gift_id", armies->gift_id);
    put_int(out, "gift_count", armies->gift_count);
    put_int(out, "total_diamonds", armies->total_diamonds);
    put_int(out, "repeat_count", armies->repeat_count);
    json_t *list = json_array();
    for (size_t i = 0; i < armies->army_count; i++)
        json_array_append_new(list, army_json(&armies->armies[i]));
    put_new(out, "armies", list);
}

static void put_kind(json_t *out, const struct live_event *event)
{
    switch (event->type) {
    case LIVE_CHAT:
        put_chat(out, &event->chat);
        break;
    case LIVE_GIFT:
        put_gift(out, &event->gift);
        break;
    case LIVE_LIKE:
        put_int(out, "count", event->like.count);
        put_int(out, "total", event->like.total);
        break;
    case LIVE_JOIN:
        put_int(out, "action", event->join.action);
        put_int(out, "member_count", event->join.member_count);
        put_text(out, "enter_source", event->join.enter_source);
        put_text(out, "enter_type", event->join.enter_type);
        break;
    case LIVE_FOLLOW:
    case LIVE_SHARE:
        put_social(out, &event->social);
        break;
    case LIVE_SUBSCRIBE:
        put_int(out, "sub_month", event->subscribe.months);
        put_int(out, "subscribe_type", event->subscribe.subscribe_type);
        put_int(out, "old_status", event->subscribe.old_status);
        put_int(out, "message_type", event->subscribe.message_type);
        put_int(out, "subscribing_status", event->subscribe.status);
        break;
    case LIVE_VIEWERS:
        put_viewers(out, &event->viewers);
        break;
    case LIVE_CONTROL:
        put_control(out, &event->control);
        break;
    case LIVE_QUESTION:
        put_id(out, "id", event->question.id);
        put_text(out, "content", event->question.content);
        put_int(out, "create_time_s", event->question.created_s);
        break;
    case LIVE_INTRO:
        put_id(out, "id", event->intro.id);
        put_text(out, "content", event->intro.content);
        put_text(out, "language", event->intro.language);
        break;
    case LIVE_CAPTION:
        put_caption(out, &event->caption);
        break;
    case LIVE_DELETE:
        put_new(out, "msg_ids", ids_json(event->delete.message_ids, event->delete.message_count));
        put_new(out, "user_ids", ids_json(event->delete.user_ids, event->delete.user_count));
        break;
    case LIVE_PIN:
        put_pin(out, &event->pin);
        break;
    case LIVE_ENVELOPE:
        put_envelope(out, &event->envelope);
        break;
    case LIVE_BARRAGE:
        put_int(out, "msg_type", event->barrage.kind);
        put_text(out, "content_key", event->barrage.content_key);
        put_new(out, "content_users", users_json(event->barrage.users, event->barrage.user_count));
        put_bool(out, "subscribe", event->barrage.subscribe);
        break;
    case LIVE_BATTLE:
        put_battle(out, &event->battle);
        break;
    case LIVE_ARMIES:
        put_armies(out, &event->armies);
        break;
    case LIVE_ROOM:
        put_text(out, "content", event->room.content);
        put_text(out, "scene", event->room.scene);
        put_bool(out, "is_welcome", event->room.is_welcome);
        break;
    case LIVE_GOAL:
    case LIVE_EVENT_TYPES:
        break;
    }
}

static json_t *event_json(const struct live_event *event)
{
    json_t *out = json_object();
    put_text(out, "type", live_event_name(event->type));
    put_id(out, "msg_id", event->msg_id);
    put_id(out, "room_id", event->room_id);
    put_int(out, "create_time", event->create_time);
    put_text(out, "display_key", event->display_key);
    put_new(out, "user", user_json(&event->user));
    put_kind(out, event);
    return out;
}
