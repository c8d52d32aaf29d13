/* SPDX-License-Identifier: MIT */
/* What the room does: control, deletions, pins, treasure boxes, banners, notices, goals. */
#include "services/events/webcast/decode_parts.h"

enum { BARRAGE_SUBSCRIBE = 4, BARRAGE_SUBSCRIBE_GIFT = 7 };

bool decode_control(struct arena *arena, const ProtobufCMessage *message, struct live_event *event)
{
    static const enum live_control_kind kinds[] = {
        LIVE_CONTROL_OTHER, LIVE_CONTROL_PAUSE,     LIVE_CONTROL_RESUME,
        LIVE_CONTROL_END,   LIVE_CONTROL_SUSPENDED,
    };
    const Webcast__WebcastControlMessage *m = (const Webcast__WebcastControlMessage *)message;
    (void)arena;
    decode_common(m->common, event);
    event->type = LIVE_CONTROL;
    bool known = m->action > 0 && (size_t)m->action < ARRAY_LEN(kinds);
    event->control = (struct live_control){
        .kind = known ? kinds[m->action] : LIVE_CONTROL_OTHER,
        .action = m->action,
        .source = m->extra ? m->extra->source : "",
        .tips = m->tips,
    };
    return true;
}

bool decode_delete(struct arena *arena, const ProtobufCMessage *message, struct live_event *event)
{
    const Webcast__WebcastImDeleteMessage *m = (const Webcast__WebcastImDeleteMessage *)message;
    (void)arena;
    decode_common(m->common, event);
    event->type = LIVE_DELETE;
    event->delete = (struct live_delete){
        .message_ids = m->delete_msg_ids,
        .message_count = decode_list_size(m->n_delete_msg_ids),
        .user_ids = m->delete_user_ids,
        .user_count = decode_list_size(m->n_delete_user_ids),
    };
    return true;
}

/* The pinned message, whichever of the five it is; NULL when none is there. */
static const struct live_event *pinned_event(struct arena *arena,
                                             const Webcast__WebcastRoomPinMessage *m)
{
    const struct {
        const void *message;
        decode_fn *decode;
    } choices[] = {
        {m->chat, decode_chat},     {m->social, decode_social}, {m->gift, decode_gift},
        {m->member, decode_member}, {m->like, decode_like},
    };
    for (size_t i = 0; i < ARRAY_LEN(choices); i++) {
        if (!choices[i].message)
            continue;
        struct live_event *event = ARENA_NEW(arena, struct live_event);
        return choices[i].decode(arena, choices[i].message, event) ? event : NULL;
    }
    return NULL;
}

bool decode_pin(struct arena *arena, const ProtobufCMessage *message, struct live_event *event)
{
    const Webcast__WebcastRoomPinMessage *m = (const Webcast__WebcastRoomPinMessage *)message;
    decode_common(m->common, event);
    event->type = LIVE_PIN;
    event->pin = (struct live_pin){
        .pinned_method = m->method,
        .pinned_at_ms = m->pin_time,
        .message_id = m->pin_msg_id,
        .operator_id = m->operator_user ? m->operator_user->id : 0,
        .pinned = pinned_event(arena, m),
    };
    return true;
}

bool decode_envelope(struct arena *arena, const ProtobufCMessage *message, struct live_event *event)
{
    const Webcast__WebcastEnvelopeMessage *m = (const Webcast__WebcastEnvelopeMessage *)message;
    (void)arena;
    if (!m->info)
        return false;
    decode_common(m->common, event);
    event->type = LIVE_ENVELOPE;
    event->envelope = (struct live_envelope){
        .id = m->info->id,
        .business_type = m->info->business_type,
        .display = m->display,
        .sender_name = m->info->sender_name,
        .sender_id = m->info->sender_id,
        .diamonds = m->info->diamonds,
        .people = m->info->people,
        .unpack_at_s = m->info->unpack_at,
    };
    return true;
}

/* The users that the banner's text names. */
static void barrage_users(struct arena *arena, const Webcast__Text *content,
                          struct live_barrage *barrage)
{
    size_t count = decode_list_size(content->n_pieces);
    struct live_user *users = ARENA_ARRAY(arena, struct live_user, count);
    for (size_t i = 0; i < count; i++) {
        const Webcast__TextPieceUser *piece = content->pieces[i]->user_value;
        if (piece && piece->user)
            decode_user_brief(piece->user, &users[barrage->user_count++]);
    }
    barrage->users = users;
}

bool decode_barrage(struct arena *arena, const ProtobufCMessage *message, struct live_event *event)
{
    const Webcast__WebcastBarrageMessage *m = (const Webcast__WebcastBarrageMessage *)message;
    decode_common(m->common, event);
    event->type = LIVE_BARRAGE;
    event->barrage = (struct live_barrage){
        .kind = m->msg_type,
        .content_key = m->content ? m->content->key : "",
        .subscribe = m->msg_type == BARRAGE_SUBSCRIBE || m->msg_type == BARRAGE_SUBSCRIBE_GIFT,
    };
    decode_user(arena, m->user, &event->user);
    if (m->content)
        barrage_users(arena, m->content, &event->barrage);
    return true;
}

bool decode_room(struct arena *arena, const ProtobufCMessage *message, struct live_event *event)
{
    const Webcast__WebcastRoomMessage *m = (const Webcast__WebcastRoomMessage *)message;
    (void)arena;
    decode_common(m->common, event);
    event->type = LIVE_ROOM;
    event->room = (struct live_room){
        .content = m->content,
        .scene = m->scene,
        .is_welcome = m->is_welcome,
    };
    return true;
}

bool decode_goal(struct arena *arena, const ProtobufCMessage *message, struct live_event *event)
{
    const Webcast__WebcastGoalUpdateMessage *m = (const Webcast__WebcastGoalUpdateMessage *)message;
    (void)arena;
    decode_common(m->common, event);
    event->type = LIVE_GOAL;
    return true;
}
