/* SPDX-License-Identifier: MIT */
#include "services/events/webcast/decode.h"

#include "lib/base/text.h"
#include "services/events/webcast/decode_parts.h"
#include "services/events/webcast/frames.h"

/* Half of the arena for what protobuf-c makes, the rest for the event's lists. */
#define UNPACK_BYTES (DECODE_ARENA_BYTES / 2)

static const struct {
    const char *method;
    const ProtobufCMessageDescriptor *type;
    decode_fn *decode;
} methods[] = {
    {"WebcastChatMessage", &webcast__webcast_chat_message__descriptor, decode_chat},
    {"WebcastMemberMessage", &webcast__webcast_member_message__descriptor, decode_member},
    {"WebcastLikeMessage", &webcast__webcast_like_message__descriptor, decode_like},
    {"WebcastRoomUserSeqMessage", &webcast__webcast_room_user_seq_message__descriptor,
     decode_viewers},
    {"WebcastGiftMessage", &webcast__webcast_gift_message__descriptor, decode_gift},
    {"WebcastSocialMessage", &webcast__webcast_social_message__descriptor, decode_social},
    {"WebcastSubNotifyMessage", &webcast__webcast_sub_notify_message__descriptor, decode_subscribe},
    {"WebcastControlMessage", &webcast__webcast_control_message__descriptor, decode_control},
    {"WebcastEmoteChatMessage", &webcast__webcast_emote_chat_message__descriptor,
     decode_emote_chat},
    {"WebcastUnauthorizedMemberMessage", &webcast__webcast_unauthorized_member_message__descriptor,
     decode_anonymous_member},
    {"WebcastQuestionNewMessage", &webcast__webcast_question_new_message__descriptor,
     decode_question},
    {"WebcastLiveIntroMessage", &webcast__webcast_live_intro_message__descriptor, decode_intro},
    {"WebcastCaptionMessage", &webcast__webcast_caption_message__descriptor, decode_caption},
    {"WebcastImDeleteMessage", &webcast__webcast_im_delete_message__descriptor, decode_delete},
    {"WebcastRoomPinMessage", &webcast__webcast_room_pin_message__descriptor, decode_pin},
    {"WebcastEnvelopeMessage", &webcast__webcast_envelope_message__descriptor, decode_envelope},
    {"WebcastBarrageMessage", &webcast__webcast_barrage_message__descriptor, decode_barrage},
    {"WebcastLinkMicBattle", &webcast__webcast_link_mic_battle__descriptor, decode_battle},
    {"WebcastLinkMicArmies", &webcast__webcast_link_mic_armies__descriptor, decode_armies},
    {"WebcastRoomMessage", &webcast__webcast_room_message__descriptor, decode_room},
    {"RoomMessage", &webcast__webcast_room_message__descriptor, decode_room},
    {"WebcastGoalUpdateMessage", &webcast__webcast_goal_update_message__descriptor, decode_goal},
};

void decode_common(const Webcast__Common *common, struct live_event *event)
{
    event->display_key = "";
    if (!common)
        return;
    event->msg_id = common->msg_id;
    event->room_id = common->room_id;
    event->create_time = common->create_time;
    if (common->display_text)
        event->display_key = common->display_text->key;
}

enum decode_result decode_message(const char *method, struct slice payload, struct arena *arena,
                                  struct live_event *ret_event)
{
    size_t i = 0;
    while (i < ARRAY_LEN(methods) && !text_equal(methods[i].method, method))
        i++;
    if (i == ARRAY_LEN(methods))
        return DECODE_UNKNOWN;
    if (payload.size > DECODE_MAX_BYTES)
        return DECODE_BROKEN;

    const ProtobufCMessage *message = frame_unpack(methods[i].type, payload, arena, UNPACK_BYTES);
    if (!message)
        return DECODE_BROKEN;
    struct live_event event = {0};
    decode_user(arena, NULL, &event.user);
    if (!methods[i].decode(arena, message, &event))
        return DECODE_NOTHING;
    *ret_event = event;
    return DECODE_EVENT;
}
