/* SPDX-License-Identifier: MIT */
#include "lib/base/buffer.h"

#include <assert.h>
#include <stdarg.h>

#define FIRST_CAPACITY 256

void buffer_init(struct buffer *buffer, size_t max_bytes)
{
    assert(max_bytes < SIZE_MAX / 4);
    *buffer = (struct buffer){.max = max_bytes};
}

static void grow(struct buffer *buffer, size_t capacity)
{
    size_t doubled = buffer->capacity ? 2 * buffer->capacity : FIRST_CAPACITY;
    if (capacity < doubled)
        capacity = doubled;
    if (capacity > buffer->max + 1)
        capacity = buffer->max + 1;
    buffer->data = realloc(buffer->data, capacity);
    if (!buffer->data)
        abort();
    buffer->capacity = capacity;
}

/* Makes room for size more bytes and a NUL. */
static bool reserve(struct buffer *buffer, size_t size)
{
    if (buffer->overflowed || size > buffer->max - buffer->size) {
        buffer->overflowed = true;
        return false;
    }
    if (buffer->size + size + 1 > buffer->capacity)
        grow(buffer, buffer->size + size + 1);
    return true;
}

void buffer_add(struct buffer *buffer, const void *data, size_t size)
{
    if (size == 0 || !reserve(buffer, size))
        return;
    memcpy(buffer->data + buffer->size, data, size);
    buffer->size += size;
    buffer->data[buffer->size] = '\0';
}

void buffer_add_text(struct buffer *buffer, const char *text)
{
    buffer_add(buffer, text, strlen(text));
}

void buffer_add_char(struct buffer *buffer, char c)
{
    if (!reserve(buffer, 1))
        return;
    buffer->data[buffer->size++] = c;
    buffer->data[buffer->size] = '\0';
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    assert(length >= 0);
    if (!reserve(buffer, (size_t)length))
        return;

    va_start(arguments, format);
    vsnprintf(buffer->data + buffer->size, (size_t)length + 1, format, arguments);
    va_end(arguments);
    buffer->size += (size_t)length;
}

struct slice buffer_slice(const struct buffer *buffer)
{
    return (struct slice){.data = buffer_text(buffer), .size = buffer->size};
}

const char *buffer_text(const struct buffer *buffer)
{
    return buffer->data ? buffer->data : "";
}

void buffer_clear(struct buffer *buffer)
{
    buffer->size = 0;
    buffer->overflowed = false;
    if (buffer->data)
        buffer->data[0] = '\0';
}

void buffer_done(struct buffer *buffer)
{
    free(buffer->data);
    buffer_init(buffer, buffer->max);
}
