/* SPDX-License-Identifier: MIT */
/* Frames: messages → ProtoMessageFetchResult → gzip → WebcastPushFrame, and the ack that each asks
 * for. All of it is made in the arena given. */
#pragma once

#include "tools/webcast-sim/event.h"
#include "tools/webcast-sim/gzip.h"
#include "tools/webcast-sim/ledger.h"

#include <stdbool.h>
#include <stdint.h>

/* A message ready to be sent. */
struct message {
    const char *method;
    struct slice payload;
    int64_t msg_id;
    enum event_kind kind; /* for the counters */
    bool is_history;
    bool is_repeat;
    int64_t number;            /* is_repeat: in the room's ledger */
    struct ledger_entry about; /* for the ledger */
};

/* What the envelope says, and whether a client could tell that the payload is compressed. */
enum packing {
    PACKING_GZIP,
    PACKING_GZIP_UNLABELLED, /* compressed, without the header that says so */
    PACKING_NONE,            /* header "none" */
    PACKING_BARE             /* not compressed, no header */
};

/* All that tells one frame from another; an ack is derived from it again. */
struct frame_head {
    uint64_t seq_id;
    uint64_t log_id;
    int64_t room_id;
    int64_t now_ms;
    bool need_ack;
};

/* The payload of a "msg" frame, not compressed. */
struct slice frame_result(struct arena *arena, const struct frame_head *head,
                          const struct message *messages, size_t count);

/* A "msg" frame around a result. */
struct slice frame_pack(struct arena *arena, struct gzip *gzip, const struct frame_head *head,
                        enum packing packing, struct slice result);

/* Any frame: payload goes in as it is, compress_type is left out when NULL. */
struct slice frame_wrap(struct arena *arena, const struct frame_head *head, const char *type,
                        const char *compress_type, struct slice payload);

/* The ack that a client owes for the frame, to the byte. */
struct slice frame_ack(struct arena *arena, const struct frame_head *head);

/* What a result says about the moment, in JSON. */
char *frame_internal_ext(struct arena *arena, const struct frame_head *head);

char *frame_cursor(struct arena *arena, const struct frame_head *head);
