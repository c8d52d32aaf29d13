/* SPDX-License-Identifier: MIT */
/* What the decode_*.c files share: each fills an event from unpacked messages of its kind. Texts
 * are borrowed from the unpacked message, which lives in the same arena as the event. */
#pragma once

#include "gen/webcast.pb-c.h"
#include "services/events/webcast/decode.h"

/* ---- users (decode_user.c) ---- */

/* All of a user; user may be NULL: nobody, with empty texts. */
void decode_user(struct arena *arena, const Webcast__User *user, struct live_user *ret_user);
/* Id and names only, for those who are merely mentioned. */
void decode_user_brief(const Webcast__User *user, struct live_user *ret_user);
struct live_identity decode_identity(const Webcast__UserIdentity *identity);
/* The message says more about its sender than the sender's own part does. */
void decode_apply_identity(const struct live_identity *identity, struct live_user *user);
/* "" for none. */
const char *decode_image_url(const Webcast__Image *image);

/* ---- messages: true when it makes an event ---- */

typedef bool decode_fn(struct arena *arena, const ProtobufCMessage *message,
                       struct live_event *event);

/* Message id, room, time and display key, from field 1 of every message. */
void decode_common(const Webcast__Common *common, struct live_event *event);

decode_fn decode_chat, decode_emote_chat, decode_question, decode_intro, decode_caption;
decode_fn decode_gift;
decode_fn decode_like, decode_member, decode_anonymous_member, decode_social, decode_subscribe,
    decode_viewers;
decode_fn decode_control, decode_delete, decode_pin, decode_envelope, decode_barrage, decode_room,
    decode_goal;
decode_fn decode_battle, decode_armies;

static inline size_t decode_list_size(size_t count)
{
    return count < DECODE_LIST_MAX ? count : DECODE_LIST_MAX;
}
