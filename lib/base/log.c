/* SPDX-License-Identifier: MIT */
#include "lib/base/log.h"
#include "lib/base/clock.h"
#include "lib/base/json_writer.h"
#include "lib/base/text.h"

#include <errno.h>
#include <stdatomic.h>
#include <unistd.h>

/* What a scope's text may take of a line, so that the message always finds room. */
#define SCOPE_TEXT_MAX 128

static const char *const level_names[] = {[LOG_LEVEL_DEBUG] = "debug",
                                          [LOG_LEVEL_INFO] = "info",
                                          [LOG_LEVEL_WARNING] = "warning",
                                          [LOG_LEVEL_ERROR] = "error"};

static enum log_level lowest_level = LOG_LEVEL_INFO;
static const char *service_name = "";
static _Atomic int64_t written[ARRAY_LEN(level_names)]; /* lines, by level */

void log_start(const char *service, enum log_level level)
{
    service_name = service;
    lowest_level = level;
}

bool log_parse_level(const char *text, enum log_level *ret_level)
{
    for (size_t i = 0; i < ARRAY_LEN(level_names); i++) {
        if (text_equal(text, level_names[i])) {
            *ret_level = (enum log_level)i;
            return true;
        }
    }
    return false;
}

const char *log_level_name(enum log_level level)
{
    return level_names[level];
}

int64_t log_count(enum log_level level)
{
    return atomic_load_explicit(&written[level], memory_order_relaxed);
}

/* The longest start of text that is at most size bytes and cuts through no code point. */
static size_t cut(const char *text, size_t size)
{
    while (size > 0 && ((unsigned char)text[size] & 0xC0) == 0x80)
        size--;
    return size;
}

/* Takes back what was written since before when it did not fit. True when it did fit. */
static bool keep_if_whole(struct json_writer *writer, const struct json_writer *before, size_t size)
{
    if (!writer->out->overflowed)
        return true;
    *writer = *before;
    writer->out->size = size;
    writer->out->overflowed = false;
    return false;
}

/* At most max bytes of value, and the less the fuller the line is. */
static void add_text(struct json_writer *writer, const char *name, const char *value, size_t max)
{
    if (!value)
        return;
    const struct json_writer before = *writer;
    const size_t before_size = writer->out->size;
    for (size_t size = strnlen(value, max);; size /= 2) {
        size = cut(value, size);
        json_key(writer, name);
        json_put_text_n(writer, value, size);
        if (keep_if_whole(writer, &before, before_size) || size == 0)
            return;
    }
}

static void add_int(struct json_writer *writer, const char *name, int64_t number)
{
    const struct json_writer before = *writer;
    const size_t before_size = writer->out->size;
    json_pair_int(writer, name, number);
    keep_if_whole(writer, &before, before_size);
}

static void add_head(struct json_writer *writer, enum log_level level,
                     const struct log_scope *scope)
{
    char now[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(clock_wall_ms(), now);
    json_pair_text(writer, "time", now);
    json_pair_text(writer, "level", level_names[level]);
    add_text(writer, "service", service_name, SCOPE_TEXT_MAX);
    if (!scope)
        return;
    add_text(writer, "request_id", scope->request_id, SCOPE_TEXT_MAX);
    add_text(writer, "trace_id", scope->trace_id, SCOPE_TEXT_MAX);
    add_text(writer, "subject", scope->subject, SCOPE_TEXT_MAX);
}

static void add_fields(struct json_writer *writer, const struct log_field *fields)
{
    for (; fields->kind != LOG_FIELD_END; fields++) {
        if (fields->kind == LOG_FIELD_INT)
            add_int(writer, fields->name, fields->number);
        else
            add_text(writer, fields->name, fields->text, LOG_LINE_MAX);
    }
}

void log_write(enum log_level level, const struct log_scope *scope, const char *message,
               const struct log_field *fields)
{
    if (level < lowest_level)
        return;
    atomic_fetch_add_explicit(&written[level], 1, memory_order_relaxed);

    /* Never grows, as its memory is there already; less the closing brace and the line's end. */
    char memory[LOG_LINE_MAX];
    struct buffer line = {
        .data = memory, .capacity = sizeof(memory), .max = sizeof(memory) - strlen("}\n")};
    struct json_writer writer;
    json_init(&writer, &line);
    json_open(&writer, '{');
    add_head(&writer, level, scope);
    add_text(&writer, "message", message, LOG_LINE_MAX);
    add_fields(&writer, fields);

    memcpy(memory + line.size, "}\n", 2);
    while (write(STDERR_FILENO, memory, line.size + 2) < 0 && errno == EINTR)
        ;
}
