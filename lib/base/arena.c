/* SPDX-License-Identifier: MIT */
#include "lib/base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_POISONS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_POISONS 1
#endif
#endif

#ifdef ARENA_POISONS
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(data, size) ((void)(data), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(data, size) ((void)(data), (void)(size))
#endif

#define CHUNK_BYTES ((size_t)16 * 1024)
#define ALIGNMENT alignof(max_align_t)

/* Bytes past used are zero, and poisoned under ASan. */
struct chunk {
    struct chunk *next; /* the one filled before this */
    size_t size;
    size_t used;
    alignas(max_align_t) unsigned char data[];
};

struct arena {
    struct chunk *chunk; /* the one being filled; the first is at the end of the list */
    size_t used_bytes;
    size_t max_bytes;
    size_t chunk_bytes;
};

static struct chunk *chunk_new(struct chunk *next, size_t size)
{
    struct chunk *chunk = calloc(1, sizeof(*chunk) + size);
    if (!chunk)
        abort();
    chunk->next = next;
    chunk->size = size;
    ASAN_POISON_MEMORY_REGION(chunk->data, size);
    return chunk;
}

static void chunk_wipe(struct chunk *chunk)
{
    ASAN_UNPOISON_MEMORY_REGION(chunk->data, chunk->size);
    explicit_bzero(chunk->data, chunk->used);
    chunk->used = 0;
}

struct arena *arena_new(size_t max_bytes)
{
    return arena_new_sized(max_bytes, CHUNK_BYTES);
}

struct arena *arena_new_sized(size_t max_bytes, size_t chunk_bytes)
{
    assert(max_bytes < SIZE_MAX / 2);
    struct arena *arena = calloc(1, sizeof(*arena));
    if (!arena)
        abort();
    arena->max_bytes = max_bytes;
    arena->chunk_bytes = chunk_bytes;
    arena->chunk = chunk_new(NULL, chunk_bytes);
    return arena;
}

/* What an allocation takes: whole units, one at least. Never less than size, not even near
 * SIZE_MAX.
 */
static size_t room_for(size_t size)
{
    size_t units = (size ? size - 1 : 0) / ALIGNMENT + 1;
    return size > SIZE_MAX - ALIGNMENT ? size : units * ALIGNMENT;
}

static void abort_when_full(const struct arena *arena, size_t room)
{
    if (room <= arena->max_bytes - arena->used_bytes)
        return;
    fprintf(stderr, "arena: %zu bytes asked for, %zu of %zu in use\n", room, arena->used_bytes,
            arena->max_bytes);
    abort();
}

void *arena_alloc(struct arena *arena, size_t size)
{
    size_t room = room_for(size);
    abort_when_full(arena, room);
    if (room > arena->chunk->size - arena->chunk->used)
        arena->chunk =
            chunk_new(arena->chunk, room > arena->chunk_bytes ? room : arena->chunk_bytes);

    struct chunk *chunk = arena->chunk;
    unsigned char *data = chunk->data + chunk->used;
    chunk->used += room;
    arena->used_bytes += room;
    ASAN_UNPOISON_MEMORY_REGION(data, size);
    return data;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        bytes = SIZE_MAX; /* past any cap */
    return arena_alloc(arena, bytes);
}

char *arena_text(struct arena *arena, const char *text)
{
    return text ? arena_text_n(arena, text, strlen(text)) : NULL;
}

char *arena_text_n(struct arena *arena, const char *text, size_t length)
{
    if (!text)
        return NULL;
    char *copy = arena_alloc(arena, length + 1);
    memcpy(copy, text, length);
    return copy;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    assert(length >= 0);

    char *text = arena_alloc(arena, (size_t)length + 1);
    va_start(arguments, format);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return text;
}

size_t arena_used_bytes(const struct arena *arena)
{
    return arena->used_bytes;
}

void arena_reset(struct arena *arena)
{
    while (arena->chunk->next) {
        struct chunk *chunk = arena->chunk;
        arena->chunk = chunk->next;
        chunk_wipe(chunk);
        free(chunk);
    }
    chunk_wipe(arena->chunk);
    ASAN_POISON_MEMORY_REGION(arena->chunk->data, arena->chunk->size);
    arena->used_bytes = 0;
}

void arena_free(struct arena *arena)
{
    if (!arena)
        return;
    arena_reset(arena);
    ASAN_UNPOISON_MEMORY_REGION(arena->chunk->data, arena->chunk->size);
    free(arena->chunk);
    free(arena);
}
