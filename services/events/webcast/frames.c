/* SPDX-License-Identifier: MIT */
#include "services/events/webcast/frames.h"

#include "lib/base/text.h"

#include <zlib.h>

#define INFLATE_STEP ((size_t)64 * 1024)
#define WINDOW_BITS (15 + 32) /* the largest window; gzip or zlib, by its header */

/* An allocator for protobuf-c that takes from an arena until the budget is spent. A few bytes of
 * wire can unpack to a struct of hundreds, so the size of the input bounds nothing. */
struct budget {
    struct arena *arena;
    size_t left;
};

static void *budget_alloc(void *data, size_t size)
{
    struct budget *budget = data;
    size_t cost = (size + 31) / 16 * 16;
    if (size > budget->left || cost > budget->left)
        return NULL;
    budget->left -= cost;
    return arena_alloc(budget->arena, size);
}

static void budget_free(void *data, void *pointer)
{
    (void)data;
    (void)pointer;
}

const ProtobufCMessage *frame_unpack(const ProtobufCMessageDescriptor *type, struct slice bytes,
                                     struct arena *arena, size_t max_bytes)
{
    struct budget budget = {arena, max_bytes};
    ProtobufCAllocator allocator = {budget_alloc, budget_free, &budget};
    return protobuf_c_message_unpack(type, &allocator, bytes.size, bytes.data);
}

const Webcast__ProtoMessageFetchResult *frame_decode_result(struct slice bytes, struct arena *arena)
{
    return (const Webcast__ProtoMessageFetchResult *)frame_unpack(
        &webcast__proto_message_fetch_result__descriptor, bytes, arena, FRAME_MAX_UNPACKED);
}

static bool is_compressed(const Webcast__WebcastPushFrame *push)
{
    static const unsigned char magic[] = {0x1f, 0x8b, 0x08};
    if (push->payload.len >= sizeof(magic) && memcmp(push->payload.data, magic, sizeof(magic)) == 0)
        return true;
    for (size_t i = 0; i < push->n_headers; i++) {
        if (text_equal(push->headers[i]->key, "compress_type"))
            return text_equal(push->headers[i]->value, "gzip");
    }
    return false;
}

/* Inflates all of the stream into out; false when it is broken, cut off or too long. */
static bool inflate_all(z_stream *stream, struct buffer *out)
{
    unsigned char step[INFLATE_STEP];
    int result;
    do {
        stream->next_out = step;
        stream->avail_out = sizeof(step);
        result = inflate(stream, Z_NO_FLUSH);
        if (result != Z_OK && result != Z_STREAM_END)
            return false;
        buffer_add(out, step, sizeof(step) - stream->avail_out);
    } while (result != Z_STREAM_END && !out->overflowed);
    return !out->overflowed;
}

static bool inflate_payload(struct slice packed, struct arena *arena, struct slice *ret_payload)
{
    z_stream stream = {.next_in = (unsigned char *)packed.data, .avail_in = (uInt)packed.size};
    if (inflateInit2(&stream, WINDOW_BITS) != Z_OK)
        return false;
    AUTO_BUFFER(plain, FRAME_MAX_INFLATED);
    bool whole = inflate_all(&stream, &plain);
    inflateEnd(&stream);
    if (!whole)
        return false;
    *ret_payload = (struct slice){arena_text_n(arena, buffer_text(&plain), plain.size), plain.size};
    return true;
}

enum frame_kind frame_decode(struct slice bytes, struct arena *arena, struct frame *ret_frame)
{
    if (bytes.size == 0 || bytes.size > FRAME_MAX_BYTES)
        return FRAME_BAD;
    struct frame frame = {0};
    frame.push = (const Webcast__WebcastPushFrame *)frame_unpack(
        &webcast__webcast_push_frame__descriptor, bytes, arena, FRAME_MAX_UNPACKED);
    if (!frame.push)
        return FRAME_BAD;
    if (!text_equal(frame.push->payload_type, "msg")) {
        *ret_frame = frame;
        return FRAME_OTHER;
    }

    frame.payload = (struct slice){frame.push->payload.data, frame.push->payload.len};
    if (is_compressed(frame.push) && !inflate_payload(frame.payload, arena, &frame.payload))
        return FRAME_BAD;
    frame.result = frame_decode_result(frame.payload, arena);
    if (!frame.result)
        return FRAME_BAD;
    *ret_frame = frame;
    return FRAME_MESSAGES;
}

/* ---- writing ---- */

static void add_packed(struct buffer *out, const ProtobufCMessage *message)
{
    AUTO(free) void *bytes = malloc(protobuf_c_message_get_packed_size(message) + 1);
    if (!bytes)
        abort();
    buffer_add(out, bytes, protobuf_c_message_pack(message, bytes));
}

static void add_frame(struct buffer *out, Webcast__WebcastPushFrame *push, const char *type,
                      struct slice payload)
{
    push->payload_encoding = (char *)"pb";
    push->payload_type = (char *)type;
    push->payload = (ProtobufCBinaryData){payload.size, (uint8_t *)payload.data};
    add_packed(out, &push->base);
}

void frame_encode_enter(struct buffer *out, int64_t room_id, int64_t enter_id)
{
    Webcast__WebcastImEnterRoomMessage enter = WEBCAST__WEBCAST_IM_ENTER_ROOM_MESSAGE__INIT;
    enter.room_id = room_id;
    enter.live_id = 12; /* the web player's */
    enter.identity = (char *)"audience";
    enter.enter_unique_id = enter_id;
    enter.filter_welcome_msg = (char *)"0";
    AUTO_BUFFER(payload, 256);
    add_packed(&payload, &enter.base);

    Webcast__WebcastPushFrame push = WEBCAST__WEBCAST_PUSH_FRAME__INIT;
    add_frame(out, &push, "im_enter_room", buffer_slice(&payload));
}

void frame_encode_heartbeat(struct buffer *out, int64_t room_id, int64_t sequence)
{
    Webcast__HeartBeat heartbeat = WEBCAST__HEART_BEAT__INIT;
    heartbeat.room_id = room_id;
    heartbeat.send_packet_seq_id = sequence;
    AUTO_BUFFER(payload, 64);
    add_packed(&payload, &heartbeat.base);

    Webcast__WebcastPushFrame push = WEBCAST__WEBCAST_PUSH_FRAME__INIT;
    add_frame(out, &push, "hb", buffer_slice(&payload));
}

void frame_encode_ack(struct buffer *out, const struct frame *frame)
{
    static const struct slice none = {"-", 1};
    const ProtobufCBinaryData *ext = &frame->result->internal_ext;
    Webcast__WebcastPushFrame push = WEBCAST__WEBCAST_PUSH_FRAME__INIT;
    push.log_id = frame->push->log_id;
    add_frame(out, &push, "ack", ext->len > 0 ? (struct slice){ext->data, ext->len} : none);
}
