/* SPDX-License-Identifier: MIT */
/* One line of JSON to stderr an event: time, level, service, message, then the fields given. A line
 * is one write(2) of at most LOG_LINE_MAX bytes, so lines of many threads never mix. Never log a
 * token, a hash, a key or a body. The fields request_id, trace_id and subject come from a scope
 * where there is one.
 *
 *     log_info(NULL, "listening", LOG_INT("port", port));
 */
#pragma once

#include "lib/base/macros.h"

#include <stdbool.h>
#include <stdint.h>

#define LOG_LINE_MAX 4096

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARNING, LOG_LEVEL_ERROR };
#define LOG_LEVELS (LOG_LEVEL_ERROR + 1)

/* What a line belongs to; NULL members are left out. */
struct log_scope {
    const char *request_id;
    const char *trace_id;
    const char *subject;
};

struct log_field {
    const char *name;
    const char *text; /* the value, unless NULL */
    int64_t number;
    enum { LOG_FIELD_END, LOG_FIELD_TEXT, LOG_FIELD_INT } kind;
};

#define LOG_TEXT(field_name, value)                                                                \
    ((struct log_field){.name = (field_name), .text = (value), .kind = LOG_FIELD_TEXT})
#define LOG_INT(field_name, value)                                                                 \
    ((struct log_field){.name = (field_name), .number = (value), .kind = LOG_FIELD_INT})

/* Names the service in every line and sets the lowest level that is written. Once, before other
 * threads exist. */
void log_start(const char *service, enum log_level level);

/* "debug", "info", "warning" or "error". */
MUST_CHECK bool log_parse_level(const char *text, enum log_level *ret_level);

const char *log_level_name(enum log_level level);

/* How many lines of that level were written. */
int64_t log_count(enum log_level level);

/* fields ends with one of kind LOG_FIELD_END. Use the macros below. */
void log_write(enum log_level level, const struct log_scope *scope, const char *message,
               const struct log_field *fields);

#define LOG_WRITE(level, scope, message, ...)                                                      \
    log_write((level), (scope), (message),                                                         \
              (const struct log_field[]){__VA_ARGS__ __VA_OPT__(, ){.kind = LOG_FIELD_END}})
#define log_debug(scope, ...) LOG_WRITE(LOG_LEVEL_DEBUG, scope, __VA_ARGS__)
#define log_info(scope, ...) LOG_WRITE(LOG_LEVEL_INFO, scope, __VA_ARGS__)
#define log_warning(scope, ...) LOG_WRITE(LOG_LEVEL_WARNING, scope, __VA_ARGS__)
#define log_error(scope, ...) LOG_WRITE(LOG_LEVEL_ERROR, scope, __VA_ARGS__)
