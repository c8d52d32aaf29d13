/* SPDX-License-Identifier: MIT */
#include "services/events/webcast/frames.h"

#include "lib/base/text.h"

#include <libdeflate.h>

#define USUAL_BYTES ((size_t)256 * 1024) /* what a large frame of those that come unpacks to */

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

/* What a gzip stream says, in its last four bytes, that it inflates to. */
static size_t inflated_size(struct slice packed)
{
    if (packed.size < 4)
        return 0;
    const unsigned char *end = (const unsigned char *)packed.data + packed.size;
    return (size_t)end[-4] | (size_t)end[-3] << 8 | (size_t)end[-2] << 16 | (size_t)end[-1] << 24;
}

/* False when it is broken, cut off, too long, or longer than it says. */
static bool inflate_payload(struct frame_reader *reader, struct slice packed,
                            struct slice *ret_payload)
{
    size_t size = inflated_size(packed);
    if (size > FRAME_MAX_INFLATED)
        return false;
    if (size > reader->capacity) {
        free(reader->inflated);
        reader->inflated = malloc(size);
        if (!reader->inflated)
            abort();
        reader->capacity = size;
    }
    if (libdeflate_gzip_decompress(reader->inflater, packed.data, packed.size, reader->inflated,
                                   size, NULL) != LIBDEFLATE_SUCCESS)
        return false;
    *ret_payload = (struct slice){reader->inflated, size};
    return true;
}

enum frame_kind frame_decode(struct slice bytes, struct frame_reader *reader,
                             struct frame *ret_frame)
{
    if (bytes.size == 0 || bytes.size > FRAME_MAX_BYTES)
        return FRAME_BAD;
    struct frame frame = {0};
    frame.push = (const Webcast__WebcastPushFrame *)frame_unpack(
        &webcast__webcast_push_frame__descriptor, bytes, reader->arena, FRAME_MAX_UNPACKED);
    if (!frame.push)
        return FRAME_BAD;
    if (!text_equal(frame.push->payload_type, "msg")) {
        *ret_frame = frame;
        return FRAME_OTHER;
    }

    frame.payload = (struct slice){frame.push->payload.data, frame.push->payload.len};
    if (is_compressed(frame.push) && !inflate_payload(reader, frame.payload, &frame.payload))
        return FRAME_BAD;
    frame.result = frame_decode_result(frame.payload, reader->arena);
    if (!frame.result)
        return FRAME_BAD;
    *ret_frame = frame;
    return FRAME_MESSAGES;
}

void frame_reader_init(struct frame_reader *reader)
{
    reader->arena = arena_new_sized(FRAME_ARENA_BYTES, USUAL_BYTES);
    reader->inflater = libdeflate_alloc_decompressor();
    if (!reader->inflater)
        abort();
    reader->inflated = NULL;
    reader->capacity = 0;
}

void frame_reader_reset(struct frame_reader *reader)
{
    arena_reset(reader->arena);
}

void frame_reader_done(struct frame_reader *reader)
{
    arena_free(reader->arena);
    libdeflate_free_decompressor(reader->inflater);
    free(reader->inflated);
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
