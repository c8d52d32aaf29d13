/* SPDX-License-Identifier: MIT */
/* One room's stream: socket messages in, events out. Whatever can't be read is counted, logged once
 * a connection, and passed over: the stream goes on. A subscription is one LIVE_SUBSCRIBE, whatever
 * told of it. No I/O; times are monotonic ms. */
#pragma once

#include "services/events/domain/subscriptions.h"
#include "services/events/webcast/counters.h"
#include "services/events/webcast/frames.h"
#include "services/events/webcast/seen.h"

/* Lent to a stream while it reads; one for all streams of a thread. */
struct stream_memory {
    struct frame_reader frames;
    struct arena *message;
};

struct stream {
    const char *name; /* the streamer's, for logs */
    const struct counters *counters;
    void (*on_event)(void *closure, const struct live_event *event);
    void *closure;
    unsigned logged;  /* kinds of trouble that this connection has logged: bits of enum trouble */
    struct seen seen; /* survives reconnects, as does the next */
    struct subscriptions subscriptions;
};

/* In place, zeroed before. */
void stream_init(struct stream *stream, const char *name, const struct counters *counters,
                 void (*on_event)(void *closure, const struct live_event *event), void *closure);

/* A new connection to the room begins. */
void stream_restart(struct stream *stream);

/* Reads one binary socket message and reports its events. Appends to ack the frame that it asks to
 * be answered with, if any. True when it brought messages, false for all else. */
bool stream_read(struct stream *stream, struct slice bytes, int64_t now_ms,
                 struct stream_memory *memory, struct buffer *ack);

/* Reads a sign server's answer: what went before the socket's first message. */
void stream_read_result(struct stream *stream, struct slice bytes, int64_t now_ms,
                        struct stream_memory *memory);

/* Made and released by whoever owns the thread. */
void stream_memory_init(struct stream_memory *memory);
void stream_memory_done(struct stream_memory *memory);
