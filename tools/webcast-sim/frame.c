/* SPDX-License-Identifier: MIT */
#include "tools/webcast-sim/frame.h"

#include "gen/webcast.pb-c.h"
#include "tools/webcast-sim/wire.h"

#include <inttypes.h>

/* As in every recorded frame. */
#define FRAME_SERVICE 8888
#define FRAME_METHOD 8
#define FRAME_HEARTBEAT_S 15
#define FRAME_FETCH_INTERVAL_MS 1000

char *frame_internal_ext(struct arena *arena, const struct frame_head *head)
{
    return arena_printf(arena,
                        "{\"server_fetch_time\":%" PRId64 ",\"push_time\":%" PRId64
                        ",\"msg_type\":\"r\",\"seq_id\":%" PRIu64
                        ",\"room_id\":\"-\",\"is_from_ws_proxy\":false}",
                        head->now_ms, head->now_ms, head->seq_id);
}

char *frame_cursor(struct arena *arena, const struct frame_head *head)
{
    return arena_printf(arena, "%" PRId64 "_%" PRId64 "_1_1_0_0", head->now_ms, head->room_id);
}

static struct slice slice_of_text(const char *text)
{
    return (struct slice){text, strlen(text)};
}

struct slice frame_result(struct arena *arena, const struct frame_head *head,
                          const struct message *messages, size_t count)
{
    Webcast__ProtoMessageFetchResult result = WEBCAST__PROTO_MESSAGE_FETCH_RESULT__INIT;
    result.cursor = frame_cursor(arena, head);
    result.fetch_interval = FRAME_FETCH_INTERVAL_MS;
    result.now = head->now_ms;
    result.internal_ext = wire_bytes(slice_of_text(frame_internal_ext(arena, head)));
    result.heartbeat_duration = FRAME_HEARTBEAT_S;
    result.need_ack = head->need_ack;
    result.messages = ARENA_ARRAY(arena, Webcast__BaseProtoMessage *, count);
    for (size_t i = 0; i < count; i++) {
        Webcast__BaseProtoMessage *base = WIRE_NEW(arena, base_proto_message, BaseProtoMessage);
        base->method = wire_text(messages[i].method);
        base->payload = wire_bytes(messages[i].payload);
        base->msg_id = messages[i].msg_id;
        base->is_history = messages[i].is_history;
        result.messages[result.n_messages++] = base;
    }
    return wire_pack(arena, &result.base);
}

struct slice frame_pack(struct arena *arena, struct gzip *gzip, const struct frame_head *head,
                        enum packing packing, struct slice result)
{
    static const char *const labels[] = {
        [PACKING_GZIP] = "gzip",
        [PACKING_NONE] = "none",
        [PACKING_BARE] = NULL,
    };
    bool compressed = packing == PACKING_GZIP || packing == PACKING_GZIP_UNLABELLED;
    struct slice payload = compressed ? gzip_pack(gzip, arena, result) : result;
    return frame_wrap(arena, head, "msg", labels[packing], payload);
}

static Webcast__PushHeader *push_header(struct arena *arena, const char *key, const char *value)
{
    Webcast__PushHeader *header = WIRE_NEW(arena, push_header, PushHeader);
    header->key = wire_text(key);
    header->value = wire_text(value);
    return header;
}

struct slice frame_wrap(struct arena *arena, const struct frame_head *head, const char *type,
                        const char *compress_type, struct slice payload)
{
    Webcast__WebcastPushFrame frame = WEBCAST__WEBCAST_PUSH_FRAME__INIT;
    Webcast__PushHeader *headers[2];
    frame.seq_id = head->seq_id;
    frame.log_id = head->log_id;
    frame.service = FRAME_SERVICE;
    frame.method = FRAME_METHOD;
    frame.headers = headers;
    if (compress_type)
        headers[frame.n_headers++] = push_header(arena, "compress_type", compress_type);
    headers[frame.n_headers++] = push_header(arena, "im_cursor", frame_cursor(arena, head));
    frame.payload_encoding = wire_text("pb");
    frame.payload_type = wire_text(type);
    frame.payload = wire_bytes(payload);
    return wire_pack(arena, &frame.base);
}

struct slice frame_ack(struct arena *arena, const struct frame_head *head)
{
    Webcast__WebcastPushFrame ack = WEBCAST__WEBCAST_PUSH_FRAME__INIT;
    ack.log_id = head->log_id;
    ack.payload_encoding = wire_text("pb");
    ack.payload_type = wire_text("ack");
    ack.payload = wire_bytes(slice_of_text(frame_internal_ext(arena, head)));
    return wire_pack(arena, &ack.base);
}
