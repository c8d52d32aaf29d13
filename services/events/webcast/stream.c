/* SPDX-License-Identifier: MIT */
#include "services/events/webcast/stream.h"

#include "lib/base/log.h"
#include "services/events/webcast/decode.h"

enum trouble { TROUBLE_BAD_FRAME, TROUBLE_BAD_MESSAGE, TROUBLE_UNKNOWN_METHOD };

void stream_init(struct stream *stream, const char *name, const struct counters *counters,
                 void (*on_event)(void *closure, const struct live_event *event), void *closure)
{
    stream->name = name;
    stream->counters = counters;
    stream->on_event = on_event;
    stream->closure = closure;
}

void stream_restart(struct stream *stream)
{
    stream->logged = 0;
}

/* Logs the first of its kind on this connection. */
static void note(struct stream *stream, enum trouble trouble, const char *message,
                 const char *method)
{
    if (stream->logged & (1u << trouble))
        return;
    stream->logged |= 1u << trouble;
    log_warning(NULL, message, LOG_TEXT("tiktok", stream->name), LOG_TEXT("method", method));
}

static void hand_out(struct stream *stream, const struct live_event *event, int64_t now_ms)
{
    struct live_event subscription;
    const struct live_event *told =
        subscriptions_filter(&stream->subscriptions, event, now_ms, &subscription);
    if (!told)
        return;
    metric_add(stream->counters->events[told->type], 1);
    stream->on_event(stream->closure, told);
}

static void read_message(struct stream *stream, const Webcast__BaseProtoMessage *message,
                         int64_t now_ms, struct arena *arena)
{
    const struct counters *counters = stream->counters;
    if (message->is_history) {
        metric_add(counters->history, 1);
        return;
    }
    struct live_event event;
    struct slice payload = {message->payload.data, message->payload.len};
    switch (decode_message(message->method, payload, arena, &event)) {
    case DECODE_NOTHING:
        return;
    case DECODE_UNKNOWN:
        metric_add(counters->unknown_messages, 1);
        note(stream, TROUBLE_UNKNOWN_METHOD, "a message of an unknown method", message->method);
        return;
    case DECODE_BROKEN:
        metric_add(counters->bad_messages, 1);
        note(stream, TROUBLE_BAD_MESSAGE, "a message that can't be read", message->method);
        return;
    case DECODE_EVENT:
        break;
    }
    if (seen_before(&stream->seen, message->msg_id ? message->msg_id : event.msg_id)) {
        metric_add(counters->duplicates, 1);
        return;
    }
    hand_out(stream, &event, now_ms);
}

static void read_messages(struct stream *stream, const Webcast__ProtoMessageFetchResult *result,
                          int64_t now_ms, struct stream_memory *memory)
{
    for (size_t i = 0; i < result->n_messages; i++) {
        read_message(stream, result->messages[i], now_ms, memory->message);
        arena_reset(memory->message);
    }
}

bool stream_read(struct stream *stream, struct slice bytes, int64_t now_ms,
                 struct stream_memory *memory, struct buffer *ack)
{
    struct frame frame;
    enum frame_kind kind = frame_decode(bytes, &memory->frames, &frame);
    metric_add(stream->counters->frames, 1);
    if (kind == FRAME_BAD) {
        metric_add(stream->counters->bad_frames, 1);
        note(stream, TROUBLE_BAD_FRAME, "a frame that can't be read", NULL);
    }
    if (kind == FRAME_MESSAGES) {
        if (frame.result->need_ack)
            frame_encode_ack(ack, &frame);
        read_messages(stream, frame.result, now_ms, memory);
    }
    frame_reader_reset(&memory->frames);
    return kind == FRAME_MESSAGES;
}

void stream_read_result(struct stream *stream, struct slice bytes, int64_t now_ms,
                        struct stream_memory *memory)
{
    const Webcast__ProtoMessageFetchResult *result =
        frame_decode_result(bytes, memory->frames.arena);
    if (result)
        read_messages(stream, result, now_ms, memory);
    frame_reader_reset(&memory->frames);
}

void stream_memory_init(struct stream_memory *memory)
{
    frame_reader_init(&memory->frames);
    memory->message = arena_new(DECODE_ARENA_BYTES);
}

void stream_memory_done(struct stream_memory *memory)
{
    frame_reader_done(&memory->frames);
    arena_free(memory->message);
}
