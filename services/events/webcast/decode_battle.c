/* SPDX-License-Identifier: MIT */
/* Battles between hosts. */
#include "services/events/webcast/decode_parts.h"

static struct live_user battle_anchor(const Webcast__BattleAnchor *anchor)
{
    const Webcast__BattleAnchorUser *user = anchor->info ? anchor->info->user : NULL;
    struct live_user out;
    decode_user_brief(NULL, &out);
    out.id = user && user->id ? user->id : anchor->host_id;
    if (!user)
        return out;
    out.nickname = user->nickname;
    out.display_id = user->display_id;
    out.avatar = decode_image_url(user->avatar);
    return out;
}

bool decode_battle(struct arena *arena, const ProtobufCMessage *message, struct live_event *event)
{
    const Webcast__WebcastLinkMicBattle *m = (const Webcast__WebcastLinkMicBattle *)message;
    decode_common(m->common, event);
    event->type = LIVE_BATTLE;
    size_t count = decode_list_size(m->n_anchors);
    struct live_user *anchors = ARENA_ARRAY(arena, struct live_user, count);
    for (size_t i = 0; i < count; i++)
        anchors[i] = battle_anchor(m->anchors[i]);
    event->battle = (struct live_battle){
        .battle_id = m->battle_id,
        .action = m->action,
        .start_ms = m->settings ? m->settings->start_ms : 0,
        .duration_s = m->settings ? m->settings->duration : 0,
        .action_by = m->action_by,
        .anchors = anchors,
        .anchor_count = count,
    };
    return true;
}

static struct live_army one_army(struct arena *arena, const Webcast__BattleArmy *army)
{
    struct live_army out = {.host_id = army->host_id};
    if (!army->scores)
        return out;
    out.score = army->scores->host_score;
    out.user_count = decode_list_size(army->scores->n_user_armies);
    struct live_army_user *users = ARENA_ARRAY(arena, struct live_army_user, out.user_count);
    for (size_t i = 0; i < out.user_count; i++) {
        const Webcast__ArmyUser *user = army->scores->user_armies[i];
        users[i] = (struct live_army_user){user->id, user->score, user->nickname};
    }
    out.users = users;
    return out;
}

bool decode_armies(struct arena *arena, const ProtobufCMessage *message, struct live_event *event)
{
    const Webcast__WebcastLinkMicArmies *m = (const Webcast__WebcastLinkMicArmies *)message;
    decode_common(m->common, event);
    event->type = LIVE_ARMIES;
    size_t count = decode_list_size(m->n_armies);
    struct live_army *armies = ARENA_ARRAY(arena, struct live_army, count);
    for (size_t i = 0; i < count; i++)
        armies[i] = one_army(arena, m->armies[i]);
    event->armies = (struct live_armies){
        .battle_id = m->battle_id,
        .trigger = m->trigger,
        .gift_id = m->gift_id,
        .gift_count = m->gift_count,
        .total_diamonds = m->total_diamonds,
        .repeat_count = m->repeat_count,
        .armies = armies,
        .army_count = count,
    };
    return true;
}
