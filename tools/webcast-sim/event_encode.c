/* SPDX-License-Identifier: MIT */
#include "tools/webcast-sim/encode_parts.h"
#include "tools/webcast-sim/wire.h"

#include <inttypes.h>

/* Members of the three that lead the viewers' list. */
#define RANKS 3

static struct slice encode_chat(struct encoder *encoder)
{
    const struct event *event = encoder->event;
    Webcast__WebcastChatMessage chat = WEBCAST__WEBCAST_CHAT_MESSAGE__INIT;
    chat.common = encode_common(encoder, NULL, NULL);
    chat.user = encode_user(encoder->arena, &event->person);
    chat.content = wire_text(event->text);
    chat.content_language = wire_text(event->language);
    chat.user_identity = encode_identity(encoder->arena, &event->person);
    return wire_pack(encoder->arena, &chat.base);
}

static Webcast__Gift *encode_gift_data(struct arena *arena, const struct gift *gift)
{
    Webcast__Gift *data = WIRE_NEW(arena, gift, Gift);
    data->id = gift->id;
    data->name = wire_text(gift->name);
    data->describe = arena_printf(arena, "sent %s", gift->name);
    data->type = gift->type;
    data->combo = gift->type == GIFT_STREAKABLE;
    data->diamond_count = gift->diamonds;
    data->image = WIRE_NEW(arena, image, Image);
    char *url = arena_printf(
        arena, "https://p16-webcast.tiktokcdn.invalid/img/gift-%" PRId64 ".png", gift->id);
    data->image->n_url_list = 1;
    data->image->url_list = WIRE_LIST_OF_ONE(arena, url);
    return data;
}

/* Running messages have send_type 1, final and single ones 0. */
static struct slice encode_gift(struct encoder *encoder)
{
    const struct event *event = encoder->event;
    struct arena *arena = encoder->arena;
    Webcast__WebcastGiftMessage gift = WEBCAST__WEBCAST_GIFT_MESSAGE__INIT;
    gift.common = encode_common(encoder, "webcast_mt_live_gift_tray", "{0:user} sent {1:gift}");
    gift.gift_id = event->gift.id;
    gift.group_count = 1;
    gift.repeat_count = event->repeat_count;
    gift.combo_count = event->repeat_count;
    gift.user = encode_user(arena, &event->person);
    gift.repeat_end = event->repeat_end;
    gift.group_id = event->group_id;
    gift.gift = encode_gift_data(arena, &event->gift);
    gift.log_id = arena_printf(arena, "sim%" PRId64, encoder->stamp->msg_id);
    gift.send_type = event->gift.type == GIFT_STREAKABLE && !event->repeat_end ? 1 : 0;
    gift.monitor = WIRE_NEW(arena, gift_monitor, GiftMonitor);
    gift.monitor->sent_ms = encoder->stamp->now_ms;
    gift.user_identity = encode_identity(arena, &event->person);
    return wire_pack(arena, &gift.base);
}

static struct slice encode_like(struct encoder *encoder)
{
    Webcast__WebcastLikeMessage like = WEBCAST__WEBCAST_LIKE_MESSAGE__INIT;
    like.common = encode_common(encoder, "pm_mt_msg_viewer", "{0:user} liked the LIVE");
    like.user = encode_user(encoder->arena, &encoder->event->person);
    like.count = encoder->event->count;
    like.total = encoder->event->total;
    return wire_pack(encoder->arena, &like.base);
}

static struct slice encode_join(struct encoder *encoder)
{
    Webcast__WebcastMemberMessage join = WEBCAST__WEBCAST_MEMBER_MESSAGE__INIT;
    join.common = encode_common(encoder, "live_room_enter_toast", "{0:user} joined");
    join.user = encode_user(encoder->arena, &encoder->event->person);
    join.member_count = encoder->event->count;
    join.action = 1;
    join.client_enter_source = wire_text("homepage_hot-live_cell");
    join.client_enter_type = wire_text("draw");
    return wire_pack(encoder->arena, &join.base);
}

static struct slice encode_follow(struct encoder *encoder)
{
    Webcast__WebcastSocialMessage follow = WEBCAST__WEBCAST_SOCIAL_MESSAGE__INIT;
    follow.common =
        encode_common(encoder, "pm_main_follow_message_viewer_2", "{0:user} followed the host");
    follow.user = encode_user(encoder->arena, &encoder->event->person);
    follow.action = 1;
    follow.follow_count = encoder->event->total;
    return wire_pack(encoder->arena, &follow.base);
}

static struct slice encode_share(struct encoder *encoder)
{
    Webcast__WebcastSocialMessage share = WEBCAST__WEBCAST_SOCIAL_MESSAGE__INIT;
    share.common = encode_common(encoder, "pm_mt_guidance_share", "{0:user} shared the LIVE");
    share.user = encode_user(encoder->arena, &encoder->event->person);
    share.share_type = 1;
    share.action = 3;
    share.share_target = wire_text("copy");
    share.share_count = encoder->event->count;
    return wire_pack(encoder->arena, &share.base);
}

static struct slice encode_subscribe(struct encoder *encoder)
{
    Webcast__WebcastSubNotifyMessage notify = WEBCAST__WEBCAST_SUB_NOTIFY_MESSAGE__INIT;
    notify.common = encode_common(encoder, "pm_mt_msg_sub", "{0:user} subscribed");
    notify.user = encode_user(encoder->arena, &encoder->event->person);
    notify.sub_month = encoder->event->count;
    notify.subscribe_type = 1;
    notify.old_subscribe_status = encoder->event->count > 1;
    notify.subscribing_status = 2;
    return wire_pack(encoder->arena, &notify.base);
}

/* As in the recorded one: whom it names stands in its text only. */
static struct slice encode_subscribe_banner(struct encoder *encoder)
{
    struct arena *arena = encoder->arena;
    Webcast__WebcastBarrageMessage banner = WEBCAST__WEBCAST_BARRAGE_MESSAGE__INIT;
    banner.common = encode_common(encoder, NULL, NULL);
    banner.msg_type = 4;
    banner.content = WIRE_NEW(arena, text, Text);
    banner.content->key = wire_text("pm_mt_subscribe_first_barrage");
    Webcast__TextPiece *piece = WIRE_NEW(arena, text_piece, TextPiece);
    piece->type = 11;
    piece->user_value = WIRE_NEW(arena, text_piece_user, TextPieceUser);
    piece->user_value->user = encode_user(arena, &encoder->event->person);
    banner.content->n_pieces = 1;
    banner.content->pieces = WIRE_LIST_OF_ONE(arena, piece);
    return wire_pack(arena, &banner.base);
}

static struct slice encode_subscribe_member(struct encoder *encoder)
{
    Webcast__WebcastMemberMessage member = WEBCAST__WEBCAST_MEMBER_MESSAGE__INIT;
    member.common = encode_common(encoder, NULL, NULL);
    member.user = encode_user(encoder->arena, &encoder->event->person);
    member.action = 3;
    return wire_pack(encoder->arena, &member.base);
}

static struct slice encode_emote(struct encoder *encoder)
{
    struct arena *arena = encoder->arena;
    Webcast__WebcastEmoteChatMessage chat = WEBCAST__WEBCAST_EMOTE_CHAT_MESSAGE__INIT;
    chat.common = encode_common(encoder, NULL, NULL);
    chat.user = encode_user(arena, &encoder->event->person);
    Webcast__Emote *emote = WIRE_NEW(arena, emote, Emote);
    emote->emote_id = wire_text("7100000000000000001");
    chat.n_emote_list = 1;
    chat.emote_list = WIRE_LIST_OF_ONE(arena, emote);
    return wire_pack(arena, &chat.base);
}

static struct slice encode_delete(struct encoder *encoder)
{
    int64_t id = encoder->event->target_id;
    int64_t user_id = encoder->event->person.id;
    Webcast__WebcastImDeleteMessage delete = WEBCAST__WEBCAST_IM_DELETE_MESSAGE__INIT;
    delete.common = encode_common(encoder, NULL, NULL);
    delete.delete_msg_ids = &id;
    delete.n_delete_msg_ids = id ? 1 : 0;
    delete.delete_user_ids = &user_id;
    delete.n_delete_user_ids = id ? 0 : 1;
    return wire_pack(encoder->arena, &delete.base);
}

static struct slice encode_viewers(struct encoder *encoder)
{
    struct arena *arena = encoder->arena;
    Webcast__WebcastRoomUserSeqMessage viewers = WEBCAST__WEBCAST_ROOM_USER_SEQ_MESSAGE__INIT;
    viewers.common = encode_common(encoder, NULL, NULL);
    viewers.total = encoder->event->total;
    viewers.total_user = encoder->event->total_ever;
    viewers.anonymous = encoder->event->total / 10;
    viewers.ranks = ARENA_ARRAY(arena, Webcast__Contributor *, RANKS);
    for (int place = 0; place < RANKS; place++) {
        struct person *leader = ARENA_NEW(arena, struct person);
        person_make((uint64_t)(encoder->stamp->room_id % PEOPLE_COUNT + place), leader);
        Webcast__Contributor *contributor = WIRE_NEW(arena, contributor, Contributor);
        contributor->rank = place + 1;
        contributor->score = 900 / (place + 1);
        contributor->user = encode_viewer(arena, leader);
        viewers.ranks[viewers.n_ranks++] = contributor;
    }
    return wire_pack(arena, &viewers.base);
}

/* The end of a live is marked twice: by the action and by the common part's sei. */
static struct slice encode_control(struct encoder *encoder)
{
    struct arena *arena = encoder->arena;
    Webcast__WebcastControlMessage control = WEBCAST__WEBCAST_CONTROL_MESSAGE__INIT;
    control.common = encode_common(encoder, NULL, NULL);
    control.action = encoder->event->action;
    if (control.action < 3) {
        control.extra = WIRE_NEW(arena, control_extra, ControlExtra);
        control.extra->source = wire_text("anchor_pause");
        return wire_pack(arena, &control.base);
    }
    control.common->sei = WIRE_NEW(arena, sei_mark, SeiMark);
    control.common->sei->timestamp = encoder->stamp->now_ms;
    control.common->sei->id = WIRE_NEW(arena, depend_id, DependId);
    control.common->sei->id->primary_id = arena_printf(arena, "%" PRId64, encoder->stamp->room_id);
    control.common->sei->id->message_scene = wire_text("end_room");
    return wire_pack(arena, &control.base);
}

/* An intro's common part has no time. */
static struct slice encode_intro(struct encoder *encoder)
{
    Webcast__WebcastLiveIntroMessage intro = WEBCAST__WEBCAST_LIVE_INTRO_MESSAGE__INIT;
    intro.common = encode_common(encoder, NULL, NULL);
    intro.common->create_time = 0;
    intro.id = encoder->stamp->msg_id;
    intro.content = wire_text(encoder->event->text);
    intro.content_language = wire_text(encoder->event->language);
    intro.user = encode_user(encoder->arena, &encoder->event->person);
    return wire_pack(encoder->arena, &intro.base);
}

/* The one message whose inner method is another one than the outer. */
static struct slice encode_welcome(struct encoder *encoder)
{
    Webcast__WebcastRoomMessage welcome = WEBCAST__WEBCAST_ROOM_MESSAGE__INIT;
    welcome.common = encode_common(encoder, NULL, NULL);
    welcome.common->method = wire_text("SystemMessage");
    welcome.content = wire_text(encoder->event->text);
    welcome.is_welcome = true;
    return wire_pack(encoder->arena, &welcome.base);
}

struct slice event_encode(struct arena *arena, const struct event *event,
                          const struct event_stamp *stamp)
{
    static struct slice (*const encoders[EVENT_KIND_COUNT])(struct encoder *) = {
        [EVENT_CHAT] = encode_chat,
        [EVENT_GIFT] = encode_gift,
        [EVENT_LIKE] = encode_like,
        [EVENT_JOIN] = encode_join,
        [EVENT_FOLLOW] = encode_follow,
        [EVENT_SHARE] = encode_share,
        [EVENT_VIEWERS] = encode_viewers,
        [EVENT_SUBSCRIBE] = encode_subscribe,
        [EVENT_CONTROL] = encode_control,
        [EVENT_INTRO] = encode_intro,
        [EVENT_WELCOME] = encode_welcome,
        [EVENT_EMOTE] = encode_emote,
        [EVENT_DELETE] = encode_delete,
        [EVENT_SUBSCRIBE_BANNER] = encode_subscribe_banner,
        [EVENT_SUBSCRIBE_MEMBER] = encode_subscribe_member,
    };
    struct encoder encoder = {arena, event, stamp};
    return encoders[event->kind](&encoder);
}
