/* SPDX-License-Identifier: MIT */
/* protobuf-c with an arena for memory. */
#pragma once

#include "lib/base/arena.h"
#include "lib/base/buffer.h"

#include <protobuf-c/protobuf-c.h>

/* WIRE_NEW(arena, common, Common): a Webcast__Common with its defaults. */
#define WIRE_NEW(arena, lower, name)                                                               \
    __extension__({                                                                                \
        Webcast__##name *wire_new_ = ARENA_NEW((arena), Webcast__##name);                          \
        webcast__##lower##__init(wire_new_);                                                       \
        wire_new_;                                                                                 \
    })

/* A list of one, as repeated fields want it. */
#define WIRE_LIST_OF_ONE(arena, value)                                                             \
    __extension__({                                                                                \
        __typeof__(value) *wire_list_ = arena_alloc((arena), sizeof(*wire_list_));                 \
        wire_list_[0] = (value);                                                                   \
        wire_list_;                                                                                \
    })

/* protobuf-c takes texts without const and leaves them alone. */
static inline char *wire_text(const char *text)
{
    return (char *)text;
}

static inline ProtobufCBinaryData wire_bytes(struct slice slice)
{
    return (ProtobufCBinaryData){slice.size, (uint8_t *)slice.data};
}

static inline struct slice wire_pack(struct arena *arena, const ProtobufCMessage *message)
{
    size_t size = protobuf_c_message_get_packed_size(message);
    uint8_t *data =
        arena_alloc(arena, size + 1); /* an empty message has no bytes, but an address */
    protobuf_c_message_pack(message, data);
    return (struct slice){data, size};
}

static inline void *wire_alloc(void *arena, size_t size)
{
    return arena_alloc(arena, size);
}

static inline void wire_free(void *arena, void *memory)
{
    (void)arena;
    (void)memory;
}

/* What is unpacked with it goes with the arena. */
static inline ProtobufCAllocator wire_allocator(struct arena *arena)
{
    return (ProtobufCAllocator){wire_alloc, wire_free, arena};
}
