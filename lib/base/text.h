/* SPDX-License-Identifier: MIT */
/* NUL-terminated UTF-8 text: looking at it, cutting it, reading numbers out of it. ASCII rules
 * unless said otherwise. */
#pragma once

#include "lib/base/arena.h"
#include "lib/base/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool text_equal(const char *a, const char *b);      /* NULL equals NULL only */
bool text_equal_fold(const char *a, const char *b); /* ASCII case ignored */
bool text_starts_with(const char *text, const char *prefix);
bool text_is_blank(const char *text); /* NULL, empty, or white space only */

/* Compares size bytes in a time that does not depend on where they differ. */
bool text_equal_constant_time(const void *a, const void *b, size_t size);

/* The text without white space at its ends, in the arena. */
char *text_trim(struct arena *arena, const char *text);

/* The text's length less the characters last at its end: an origin's without its slashes. */
size_t text_length_less(const char *text, char last);

/* ASCII letters lowered or raised in place. */
void text_lower(char *text);
void text_upper(char *text);

/* Decodes the code point at text, with size bytes left (size > 0), and returns the bytes it took. A
 * malformed sequence (overlong forms, surrogates and values past U+10FFFF too) gives U+FFFD and
 * takes one byte. */
size_t text_utf8_decode(const char *text, size_t size, uint32_t *ret_code_point);
void text_utf8_append(struct buffer *out, uint32_t code_point);
bool text_utf8_is_valid(const char *text, size_t size);

/* Code points in text, a malformed byte counting as one. */
size_t text_utf8_length(const char *text);

/* Whole text as a decimal number in min..max: no sign but '-', no space, no rest. */
MUST_CHECK bool text_parse_int(const char *text, int64_t min, int64_t max, int64_t *ret_value);

/* application/x-www-form-urlencoded: the decoded value of key in "a=1&b=2", in the arena; NULL when
 * absent. Of several the last counts, as in FastAPI; "%00" is left as it stands. */
char *text_query_find(struct arena *arena, const char *query, const char *key);

/* Appends text, percent-encoded but for RFC 3986's unreserved characters. */
void text_percent_encode(struct buffer *out, const char *text);

/* Lower-case hexadecimal of data; out holds 2 × size + 1 bytes. */
void text_hex(const void *data, size_t size, char *out);
