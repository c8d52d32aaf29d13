/* SPDX-License-Identifier: MIT */
#include "lib/base/json_writer.h"
#include "lib/base/text.h"

#include <assert.h>
#include <math.h>

/* Whole numbers below this are written out: "%.17g" would leave them without a point. */
#define LONGHAND_LIMIT 1e17

void json_init(struct json_writer *writer, struct buffer *out)
{
    *writer = (struct json_writer){.out = out};
}

static void begin_value(struct json_writer *writer)
{
    if (writer->needs_comma)
        buffer_add_char(writer->out, ',');
    writer->needs_comma = true;
}

void json_open(struct json_writer *writer, char bracket)
{
    assert(bracket == '{' || bracket == '[');
    begin_value(writer);
    buffer_add_char(writer->out, bracket);
    writer->needs_comma = false;
}

void json_close(struct json_writer *writer, char bracket)
{
    assert(bracket == '}' || bracket == ']');
    buffer_add_char(writer->out, bracket);
    writer->needs_comma = true;
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* The bytes at the start of text that stand in JSON as they are. */
static size_t plain_run(const char *text, size_t size)
{
    size_t run = 0;
    while (run < size) {
        if (is_plain((unsigned char)text[run])) {
            run++;
            continue;
        }
        uint32_t code_point;
        size_t taken = text_utf8_decode(text + run, size - run, &code_point);
        if (taken == 1) /* to be escaped, or malformed */
            break;
        run += taken;
    }
    return run;
}

static void add_escaped(struct buffer *out, unsigned char c)
{
    static const char short_forms[0x20] = {
        ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};

    if (c >= 0x80) {
        text_utf8_append(out, 0xFFFD);
        return;
    }
    if (c >= 0x20) {
        buffer_add(out, (const char[]){'\\', (char)c}, 2);
        return;
    }
    if (short_forms[c]) {
        buffer_add(out, (const char[]){'\\', short_forms[c]}, 2);
        return;
    }
    buffer_printf(out, "\\u%04x", c);
}

static void add_quoted(struct buffer *out, const char *text, size_t size)
{
    buffer_add_char(out, '"');
    for (size_t at = 0; at < size; at++) {
        size_t run = plain_run(text + at, size - at);
        buffer_add(out, text + at, run);
        at += run;
        if (at < size)
            add_escaped(out, (unsigned char)text[at]);
    }
    buffer_add_char(out, '"');
}

void json_key(struct json_writer *writer, const char *key)
{
    begin_value(writer);
    add_quoted(writer->out, key, strlen(key));
    buffer_add_char(writer->out, ':');
    writer->needs_comma = false;
}

void json_put_text(struct json_writer *writer, const char *text)
{
    json_put_text_n(writer, text, text ? strlen(text) : 0);
}

void json_put_text_n(struct json_writer *writer, const char *text, size_t size)
{
    if (!text) {
        json_put_null(writer);
        return;
    }
    begin_value(writer);
    add_quoted(writer->out, text, size);
}

void json_put_int(struct json_writer *writer, int64_t value)
{
    char digits[20];
    size_t at = sizeof(digits);
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (value < 0)
        digits[--at] = '-';

    begin_value(writer);
    buffer_add(writer->out, digits + at, sizeof(digits) - at);
}

void json_put_double(struct json_writer *writer, double value)
{
    if (!isfinite(value)) { /* JSON has no word for it */
        json_put_null(writer);
        return;
    }
    begin_value(writer);
    if (fabs(value) < LONGHAND_LIMIT && value == trunc(value)) {
        buffer_printf(writer->out, "%.1f", value);
        return;
    }
    /* The fewest digits that read back as the same number. */
    char text[32];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    buffer_add_text(writer->out, text);
}

void json_put_bool(struct json_writer *writer, bool value)
{
    begin_value(writer);
    buffer_add_text(writer->out, value ? "true" : "false");
}

void json_put_null(struct json_writer *writer)
{
    begin_value(writer);
    buffer_add(writer->out, "null", 4);
}

void json_put_raw(struct json_writer *writer, const char *json, size_t size)
{
    begin_value(writer);
    buffer_add(writer->out, json, size);
}

void json_pair_text(struct json_writer *writer, const char *key, const char *value)
{
    json_key(writer, key);
    json_put_text(writer, value);
}

void json_pair_int(struct json_writer *writer, const char *key, int64_t value)
{
    json_key(writer, key);
    json_put_int(writer, value);
}

void json_pair_bool(struct json_writer *writer, const char *key, bool value)
{
    json_key(writer, key);
    json_put_bool(writer, value);
}
