/* SPDX-License-Identifier: MIT */
/* A text frame on its way to sockets: one copy in memory, however many sockets wait to send it, and
 * its size. Used by the WebSocket thread only, so the count of its holders needs no lock. */
#pragma once

#include "lib/base/buffer.h"

#include <stdint.h>

struct frame;

/* A copy of content, held once. */
struct frame *frame_new(struct slice content);

struct frame *frame_hold(struct frame *frame);

/* Frees it with the last holder. */
void frame_drop(struct frame *frame);

size_t frame_size(const struct frame *frame);

/* The content; libwebsockets writes the frame's head into the bytes before it. */
unsigned char *frame_payload(struct frame *frame);

/* ---- frames that wait for a socket, first in first out ---- */

struct frame_queue {
    struct frame **ring;
    unsigned capacity;
    unsigned first;
    unsigned count;
    size_t bytes;
};

/* Holds frame, unless that makes the queue larger than FRAME_QUEUE_MAX or FRAME_QUEUE_MAX_BYTES. */
#define FRAME_QUEUE_MAX 256
#define FRAME_QUEUE_MAX_BYTES ((size_t)1024 * 1024)
MUST_CHECK bool frame_queue_add(struct frame_queue *queue, struct frame *frame);

/* The first frame, which the queue keeps; NULL when there is none. */
struct frame *frame_queue_first(const struct frame_queue *queue);

/* Hands over the first frame; NULL when there is none. */
struct frame *frame_queue_take(struct frame_queue *queue);

/* Drops all frames and the queue's memory. */
void frame_queue_clear(struct frame_queue *queue);
