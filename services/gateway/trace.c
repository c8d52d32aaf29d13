/* SPDX-License-Identifier: MIT */
#include "services/gateway/trace.h"

#include "lib/base/text.h"
#include "lib/base/uuid.h"

#define REQUEST_ID_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"
#define HEX "0123456789abcdef"

/* Where the parts of a traceparent begin, and their lengths. */
#define TRACE_ID_AT 3
#define TRACE_ID_LENGTH 32
#define SPAN_ID_AT 36
#define SPAN_ID_LENGTH 16
#define FLAGS_AT 53
#define FLAGS_LENGTH 2
#define SAMPLED_DIGITS "13579bdf" /* the last one, when bit 0 is set */

static bool is_sane_id(const char *id)
{
    if (!id)
        return false;
    size_t length = strspn(id, REQUEST_ID_CHARACTERS);
    return length > 0 && length <= TRACE_REQUEST_ID_MAX && id[length] == '\0';
}

static bool is_hex(const char *text, size_t length)
{
    return strspn(text, HEX) >= length;
}

/* An id of zeros alone means that there is none. */
static bool is_id(const char *text, size_t length)
{
    return is_hex(text, length) && strspn(text, "0") < length;
}

/* Version 00 ends after the flags; later versions may append more after another hyphen. */
static bool ends_well(const char *parent)
{
    char end = parent[FLAGS_AT + FLAGS_LENGTH];
    return end == '\0' || (end == '-' && !text_starts_with(parent, "00"));
}

static bool is_valid_parent(const char *parent)
{
    return parent && strlen(parent) >= TRACE_PARENT_SIZE - 1 && is_hex(parent, 2) &&
           !text_starts_with(parent, "ff") && parent[TRACE_ID_AT - 1] == '-' &&
           is_id(parent + TRACE_ID_AT, TRACE_ID_LENGTH) && parent[SPAN_ID_AT - 1] == '-' &&
           is_id(parent + SPAN_ID_AT, SPAN_ID_LENGTH) && parent[FLAGS_AT - 1] == '-' &&
           is_hex(parent + FLAGS_AT, FLAGS_LENGTH) && ends_well(parent);
}

static void fresh_hex(char *out, size_t length)
{
    unsigned char bytes[TRACE_ID_LENGTH / 2];
    random_bytes(bytes, length / 2);
    text_hex(bytes, length / 2, out);
}

void trace_begin(struct trace *trace, const char *request_id, const char *traceparent)
{
    struct uuid fresh;
    if (!is_sane_id(request_id)) {
        uuid_make(&fresh);
        request_id = fresh.text;
    }
    snprintf(trace->request_id, sizeof(trace->request_id), "%s", request_id);

    const char *flags = "00"; /* nobody records a trace that begins here */
    if (is_valid_parent(traceparent)) {
        snprintf(trace->trace_id, sizeof(trace->trace_id), "%s", traceparent + TRACE_ID_AT);
        if (strchr(SAMPLED_DIGITS, traceparent[FLAGS_AT + 1]))
            flags = "01";
    } else {
        fresh_hex(trace->trace_id, TRACE_ID_LENGTH);
    }
    char span_id[SPAN_ID_LENGTH + 1];
    fresh_hex(span_id, SPAN_ID_LENGTH);
    snprintf(trace->traceparent, sizeof(trace->traceparent), "00-%s-%s-%s", trace->trace_id,
             span_id, flags);
}

struct log_scope trace_scope(const struct trace *trace)
{
    return (struct log_scope){.request_id = trace->request_id, .trace_id = trace->trace_id};
}
