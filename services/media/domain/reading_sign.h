/* SPDX-License-Identifier: MIT */
/* Signs: those that are read aloud, those that a voice minds, and those that nobody wants to hear.
 */
#pragma once

#include "services/media/domain/reading_language.h"

#include <stdint.h>

/* A place in a text that is being written out. */
struct reading {
    const struct reading_language *language; /* NULL: another than we know */
    const char *start;
    const char *text; /* where it is now */
    const char *end;
    struct buffer *out;
};

/* Writes the sign that stands at the place, which is not the end and has no letter or digit, with
 * the number after it where that belongs to it. Returns the bytes of it all. */
size_t reading_put_sign(const struct reading *reading);

/* The character at text, 0 at the end, and the one that ends before it, 0 at the start. */
uint32_t reading_next(const struct reading *reading, const char *text);
uint32_t reading_before(const struct reading *reading, const char *text);

bool reading_is_digit(uint32_t code_point);
