/* SPDX-License-Identifier: MIT */
/* Bytes that grow, up to a stated maximum. An append that does not fit marks the buffer as
 * overflowed; it and all after it are dropped, so that a writer checks once, at the end, and what
 * is there has no holes. data is NUL-terminated after every append. */
#pragma once

#include "lib/base/macros.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Borrowed bytes. */
struct slice {
    const void *data;
    size_t size;
};

struct buffer {
    char *data;
    size_t size;
    size_t capacity;
    size_t max;
    bool overflowed;
};

/* In place, holding nothing yet. */
void buffer_init(struct buffer *buffer, size_t max_bytes);

void buffer_add(struct buffer *buffer, const void *data, size_t size);
void buffer_add_text(struct buffer *buffer, const char *text);
void buffer_add_char(struct buffer *buffer, char c);
void buffer_printf(struct buffer *buffer, const char *format, ...) PRINTF_LIKE(2, 3);

/* The content so far; never a NULL pointer. */
struct slice buffer_slice(const struct buffer *buffer);
const char *buffer_text(const struct buffer *buffer);

/* Empties it, keeps the memory. */
void buffer_clear(struct buffer *buffer);

void buffer_done(struct buffer *buffer);

static inline void buffer_auto_done(struct buffer *buffer)
{
    buffer_done(buffer);
}
/* AUTO_BUFFER(line, 4096); a local buffer that cleans up after itself. */
#define AUTO_BUFFER(name, max_bytes)                                                               \
    __attribute__((cleanup(buffer_auto_done))) struct buffer name;                                 \
    buffer_init(&name, (max_bytes))
