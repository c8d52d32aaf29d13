/* SPDX-License-Identifier: MIT */
/* The messages of TikTok's socket: reading those that come in, writing the three that go out. What
 * comes in is not trusted: its size, what it inflates to and what it unpacks to are all bounded. */
#pragma once

#include "gen/webcast.pb-c.h"
#include "lib/base/arena.h"
#include "lib/base/buffer.h"

#define FRAME_MAX_BYTES ((size_t)4 * 1024 * 1024)     /* one socket message, as it comes */
#define FRAME_MAX_INFLATED ((size_t)8 * 1024 * 1024)  /* its payload, inflated */
#define FRAME_MAX_UNPACKED ((size_t)32 * 1024 * 1024) /* what protobuf-c makes of it */
/* An arena of this size holds one frame, unpacked. */
#define FRAME_ARENA_BYTES (3 * FRAME_MAX_UNPACKED)

struct libdeflate_decompressor;

/* What a thread needs to read frames, one after the other. */
struct frame_reader {
    struct arena *arena;
    struct libdeflate_decompressor *inflater;
    unsigned char *inflated; /* as large as the largest payload so far */
    size_t capacity;
};

void frame_reader_init(struct frame_reader *reader);
/* Forgets the frame that was read. */
void frame_reader_reset(struct frame_reader *reader);
void frame_reader_done(struct frame_reader *reader);

enum frame_kind {
    FRAME_MESSAGES, /* "msg": result is set */
    FRAME_OTHER,    /* heartbeat and enter replies, and what we don't know: nothing to do */
    FRAME_BAD       /* no frame, nothing, truncated or garbled gzip, or larger than allowed */
};

struct frame {
    const Webcast__WebcastPushFrame *push;
    struct slice payload; /* inflated */
    const Webcast__ProtoMessageFetchResult *result;
};

/* Everything in ret_frame lives until the reader is reset. ret_frame is set unless FRAME_BAD. */
MUST_CHECK enum frame_kind frame_decode(struct slice bytes, struct frame_reader *reader,
                                        struct frame *ret_frame);

/* A sign server's answer: a result without a frame around it. NULL when it isn't one. */
MUST_CHECK const Webcast__ProtoMessageFetchResult *frame_decode_result(struct slice bytes,
                                                                       struct arena *arena);

/* Any protobuf message, unpacked into the arena using at most max_bytes of it; NULL when malformed
 * or larger. Never to be given to protobuf_c_message_free_unpacked. */
MUST_CHECK const ProtobufCMessage *frame_unpack(const ProtobufCMessageDescriptor *type,
                                                struct slice bytes, struct arena *arena,
                                                size_t max_bytes);

/* Whole frames, appended to out. enter_id 0 sends none. */
void frame_encode_enter(struct buffer *out, int64_t room_id, int64_t enter_id);
void frame_encode_heartbeat(struct buffer *out, int64_t room_id, int64_t sequence);
void frame_encode_ack(struct buffer *out, const struct frame *frame);
