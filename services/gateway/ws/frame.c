/* SPDX-License-Identifier: MIT */
#include <libwebsockets.h>

#include "services/gateway/ws/frame.h"

#define QUEUE_FIRST_CAPACITY 8 /* most sockets never have more waiting */

struct frame {
    unsigned holders;
    size_t size;
    unsigned char data[]; /* LWS_PRE bytes, then the content */
};

struct frame *frame_new(struct slice content)
{
    struct frame *frame = malloc(sizeof(*frame) + LWS_PRE + content.size);
    if (!frame)
        abort();
    frame->holders = 1;
    frame->size = content.size;
    memcpy(frame_payload(frame), content.data, content.size);
    return frame;
}

struct frame *frame_hold(struct frame *frame)
{
    frame->holders++;
    return frame;
}

void frame_drop(struct frame *frame)
{
    if (frame && --frame->holders == 0)
        free(frame);
}

size_t frame_size(const struct frame *frame)
{
    return frame->size;
}

unsigned char *frame_payload(struct frame *frame)
{
    return frame->data + LWS_PRE;
}

static void grow(struct frame_queue *queue)
{
    unsigned capacity = queue->capacity ? queue->capacity * 2 : QUEUE_FIRST_CAPACITY;
    struct frame **ring = calloc(capacity, sizeof(struct frame *));
    if (!ring)
        abort();
    for (unsigned i = 0; i < queue->count; i++)
        ring[i] = queue->ring[(queue->first + i) % queue->capacity];
    free(queue->ring);
    queue->ring = ring;
    queue->capacity = capacity;
    queue->first = 0;
}

bool frame_queue_add(struct frame_queue *queue, struct frame *frame)
{
    if (queue->count == FRAME_QUEUE_MAX || queue->bytes + frame->size > FRAME_QUEUE_MAX_BYTES)
        return false;
    if (queue->count == queue->capacity)
        grow(queue);
    queue->ring[(queue->first + queue->count) % queue->capacity] = frame_hold(frame);
    queue->count++;
    queue->bytes += frame->size;
    return true;
}

struct frame *frame_queue_first(const struct frame_queue *queue)
{
    return queue->count > 0 ? queue->ring[queue->first] : NULL;
}

struct frame *frame_queue_take(struct frame_queue *queue)
{
    if (queue->count == 0)
        return NULL;
    struct frame *frame = queue->ring[queue->first];
    queue->first = (queue->first + 1) % queue->capacity;
    queue->count--;
    queue->bytes -= frame->size;
    return frame;
}

void frame_queue_clear(struct frame_queue *queue)
{
    struct frame *frame;
    while ((frame = frame_queue_take(queue)))
        frame_drop(frame);
    free(queue->ring);
    *queue = (struct frame_queue){0};
}
