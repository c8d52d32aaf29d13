/* SPDX-License-Identifier: MIT */
/* Writes JSON into a buffer: compact separators, non-ASCII unescaped, as FastAPI's replies are.
 * Text that is no valid UTF-8 comes out with U+FFFD in place of each bad byte, so the output is
 * always valid JSON.
 *
 *     json_open(&w, '{');  json_key(&w, "name");  json_put_text(&w, name);  json_close(&w, '}');
 */
#pragma once

#include "lib/base/buffer.h"

#include <stdbool.h>
#include <stdint.h>

struct json_writer {
    struct buffer *out;
    bool needs_comma;
};

void json_init(struct json_writer *writer, struct buffer *out);

/* bracket is one of { [ and its peer } ]. */
void json_open(struct json_writer *writer, char bracket);
void json_close(struct json_writer *writer, char bracket);

void json_key(struct json_writer *writer, const char *key);

/* NULL is written as null. */
void json_put_text(struct json_writer *writer, const char *text);
void json_put_text_n(struct json_writer *writer, const char *text, size_t size);
void json_put_int(struct json_writer *writer, int64_t value);
void json_put_double(struct json_writer *writer, double value);
void json_put_bool(struct json_writer *writer, bool value);
void json_put_null(struct json_writer *writer);

/* A value that is JSON text already. */
void json_put_raw(struct json_writer *writer, const char *json, size_t size);

/* Key and value in one go. */
void json_pair_text(struct json_writer *writer, const char *key, const char *value);
void json_pair_int(struct json_writer *writer, const char *key, int64_t value);
void json_pair_bool(struct json_writer *writer, const char *key, bool value);
