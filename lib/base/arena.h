/* SPDX-License-Identifier: MIT */
/* Memory with one lifetime: allocated piece by piece, given back all at once. Chunks grow as needed
 * up to a hard cap, past which the process aborts: inputs are capped first, so only a bug gets
 * there. An arena belongs to one thread. */
#pragma once

#include "lib/base/macros.h"

#include <stddef.h>

struct arena;

/* An arena that may hold max_bytes in all. Its first chunk is kept across resets. */
struct arena *arena_new(size_t max_bytes);

/* The same, taking memory in chunks of chunk_bytes: for small things of which there are many. */
struct arena *arena_new_sized(size_t max_bytes, size_t chunk_bytes);

/* Zeroed memory, aligned for any type, valid until the reset. Never NULL. */
void *arena_alloc(struct arena *arena, size_t size);

#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, type, count) ((type *)arena_array((arena), (count), sizeof(type)))
void *arena_array(struct arena *arena, size_t count, size_t size);

/* A NUL-terminated copy. NULL gives NULL. */
char *arena_text(struct arena *arena, const char *text);
char *arena_text_n(struct arena *arena, const char *text, size_t length);
char *arena_printf(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);

size_t arena_used_bytes(const struct arena *arena);

/* Forgets and wipes all that was allocated. */
void arena_reset(struct arena *arena);

void arena_free(struct arena *arena);

AUTO_DEFINE(struct arena *, arena_free)
