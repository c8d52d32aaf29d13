/* SPDX-License-Identifier: MIT */
/* A socket message of TikTok's, all the way to events: frame, gzip, result, messages, subscriptions
 * and streaks. The first byte chooses what the rest is: 0, a frame as it comes; 1, a sign server's
 * answer; 2, a result that is compressed and framed first, since chance finds no checksum of gzip;
 * above, messages (which one, two bytes of size, payload) that are put into such a frame. */
#include "services/events/domain/streaks.h"
#include "services/events/webcast/stream.h"

#include <assert.h>
#include <zlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MESSAGES_MAX 32

enum input { INPUT_FRAME, INPUT_ANSWER, INPUT_RESULT };

static const char *const methods[] = {
    "WebcastChatMessage",     "WebcastEmoteChatMessage",   "WebcastGiftMessage",
    "WebcastLikeMessage",     "WebcastMemberMessage",      "WebcastUnauthorizedMemberMessage",
    "WebcastSocialMessage",   "WebcastSubNotifyMessage",   "WebcastRoomUserSeqMessage",
    "WebcastControlMessage",  "WebcastQuestionNewMessage", "WebcastLiveIntroMessage",
    "WebcastCaptionMessage",  "WebcastImDeleteMessage",    "WebcastRoomPinMessage",
    "WebcastEnvelopeMessage", "WebcastBarrageMessage",     "WebcastLinkMicBattle",
    "WebcastLinkMicArmies",   "WebcastRoomMessage",        "WebcastGoalUpdateMessage",
};

/* What lasts from one input to the next, as in a client that runs for long. */
static struct {
    struct counters counters;
    struct stream stream;
    struct stream_memory memory;
    struct streaks *streaks; /* of one input */
    int64_t now_ms;
    volatile size_t sink;
} world;

/* ---- events ---- */

static void read_text(const char *text)
{
    world.sink += strlen(text);
}

static void read_user(const struct live_user *user)
{
    read_text(user->nickname);
    read_text(user->display_id);
    read_text(user->sec_uid);
    read_text(user->avatar);
    for (size_t i = 0; i < user->badge_count; i++)
        read_text(user->badges[i].level);
}

static void take_event(void *closure, const struct live_event *event);

/* Every text and list that an event promises to have. */
static void read_parts(const struct live_event *event)
{
    switch (event->type) {
    case LIVE_CHAT:
        read_text(event->chat.content);
        read_text(event->chat.language);
        for (size_t i = 0; i < event->chat.emote_count; i++)
            read_text(event->chat.emotes[i].image);
        for (size_t i = 0; i < event->chat.comment_tag_count; i++)
            world.sink += (size_t)event->chat.comment_tags[i];
        return;
    case LIVE_VIEWERS:
        for (size_t i = 0; i < event->viewers.rank_count; i++)
            read_user(&event->viewers.ranks[i].user);
        return;
    case LIVE_DELETE:
        for (size_t i = 0; i < event->delete.message_count; i++)
            world.sink += (size_t)event->delete.message_ids[i];
        for (size_t i = 0; i < event->delete.user_count; i++)
            world.sink += (size_t)event->delete.user_ids[i];
        return;
    case LIVE_CAPTION:
        for (size_t i = 0; i < event->caption.line_count; i++)
            read_text(event->caption.lines[i].text);
        return;
    case LIVE_BARRAGE:
        assert(!event->barrage.subscribe); /* it would have become a LIVE_SUBSCRIBE */
        for (size_t i = 0; i < event->barrage.user_count; i++)
            read_user(&event->barrage.users[i]);
        return;
    case LIVE_BATTLE:
        for (size_t i = 0; i < event->battle.anchor_count; i++)
            read_user(&event->battle.anchors[i]);
        return;
    case LIVE_ARMIES:
        for (size_t i = 0; i < event->armies.army_count; i++) {
            for (size_t j = 0; j < event->armies.armies[i].user_count; j++)
                read_text(event->armies.armies[i].users[j].nickname);
        }
        return;
    case LIVE_PIN:
        if (event->pin.pinned)
            take_event(NULL, event->pin.pinned);
        return;
    default:
        return;
    }
}

static void take_step(void *closure, const struct streak_step *step)
{
    (void)closure;
    assert(step->added >= 0 && step->added <= step->count && step->diamonds >= 0);
    read_user(&step->gift->user);
    read_text(step->gift->gift.name);
}

static void take_event(void *closure, const struct live_event *event)
{
    (void)closure;
    read_text(event->display_key);
    read_user(&event->user);
    read_parts(event);
    if (event->type == LIVE_GIFT)
        streaks_add(world.streaks, event, world.now_ms);
}

/* ---- frames ---- */

static void add_gzip(struct buffer *out, struct slice plain)
{
    z_stream stream = {.next_in = (Bytef *)plain.data, .avail_in = (uInt)plain.size};
    if (deflateInit2(&stream, 1, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        abort();
    uLong capacity = deflateBound(&stream, plain.size);
    AUTO(free) Bytef *packed = malloc(capacity);
    if (!packed)
        abort();
    stream.next_out = packed;
    stream.avail_out = (uInt)capacity;
    if (deflate(&stream, Z_FINISH) != Z_STREAM_END)
        abort();
    buffer_add(out, packed, stream.total_out);
    deflateEnd(&stream);
}

static void pack(struct buffer *out, const ProtobufCMessage *message)
{
    AUTO(free) uint8_t *bytes = malloc(protobuf_c_message_get_packed_size(message) + 1);
    if (!bytes)
        abort();
    buffer_add(out, bytes, protobuf_c_message_pack(message, bytes));
}

static void read_frame(struct slice bytes)
{
    AUTO_BUFFER(ack, 64 * 1024);
    (void)stream_read(&world.stream, bytes, world.now_ms, &world.memory, &ack);
}

static void read_result(struct slice result)
{
    AUTO_BUFFER(packed, FRAME_MAX_BYTES);
    AUTO_BUFFER(frame, FRAME_MAX_BYTES);
    add_gzip(&packed, result);
    Webcast__WebcastPushFrame push = WEBCAST__WEBCAST_PUSH_FRAME__INIT;
    push.payload_type = (char *)"msg";
    push.payload = (ProtobufCBinaryData){packed.size, (uint8_t *)packed.data};
    pack(&frame, &push.base);
    read_frame(buffer_slice(&frame));
}

static void read_messages(const uint8_t *data, size_t size)
{
    Webcast__BaseProtoMessage messages[MESSAGES_MAX];
    Webcast__BaseProtoMessage *list[MESSAGES_MAX];
    Webcast__ProtoMessageFetchResult result = WEBCAST__PROTO_MESSAGE_FETCH_RESULT__INIT;
    result.messages = list;
    result.need_ack = true;
    while (size > 3 && result.n_messages < MESSAGES_MAX) {
        size_t length = (size_t)data[1] << 8 | data[2];
        const char *method = methods[data[0] % ARRAY_LEN(methods)];
        data += 3;
        size -= 3;
        if (length > size)
            length = size;
        Webcast__BaseProtoMessage *message = list[result.n_messages] = &messages[result.n_messages];
        webcast__base_proto_message__init(message);
        message->method = (char *)method;
        message->payload = (ProtobufCBinaryData){length, (uint8_t *)data};
        result.n_messages++;
        data += length;
        size -= length;
    }
    AUTO_BUFFER(plain, FRAME_MAX_BYTES);
    pack(&plain, &result.base);
    read_result(buffer_slice(&plain));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    if (!world.memory.message) {
        stream_memory_init(&world.memory);
        stream_init(&world.stream, "fuzz", &world.counters, take_event, NULL);
        world.stream.logged = ~0u; /* no log lines */
    }
    world.now_ms += data[0] * 100;
    world.streaks = streaks_new(take_step, NULL);
    const struct slice bytes = {data + 1, size - 1};
    switch (data[0]) {
    case INPUT_FRAME:
        read_frame(bytes);
        break;
    case INPUT_ANSWER:
        stream_read_result(&world.stream, bytes, world.now_ms, &world.memory);
        break;
    case INPUT_RESULT:
        read_result(bytes);
        break;
    default:
        read_messages(bytes.data, bytes.size);
    }
    (void)streaks_flush(world.streaks, world.now_ms + STREAKS_IDLE_MS);
    streaks_end(world.streaks, world.now_ms);
    streaks_free(world.streaks);
    return 0;
}
