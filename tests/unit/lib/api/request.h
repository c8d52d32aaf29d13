/* SPDX-License-Identifier: MIT */
/* Requests of tests: decodes one and compares the 422 body as text, so that the order of keys
 * counts. In the JSON of these tests ` stands for ", which keeps it readable. */
#pragma once

#include "lib/api/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ERRORS_MAX_BYTES (4 * 1024 * 1024)

static inline const char *json_of(struct arena *arena, const char *text)
{
    char *json = arena_text(arena, text);
    for (char *c = strchr(json, '`'); c; c = strchr(c, '`'))
        *c = '"';
    return json;
}

static inline struct slice slice_of(const char *text)
{
    return (struct slice){text, strlen(text)};
}

/* The request gives a struct in out. */
static inline void expect_decoded(struct arena *arena, const struct message *message,
                                  const struct request_parts *parts, void *out)
{
    AUTO_BUFFER(errors, ERRORS_MAX_BYTES);
    enum status status = message_decode_request(message, parts, arena, out, &errors);
    if (status != STATUS_OK)
        fail_msg("refused: %s", buffer_text(&errors));
}

/* The request is refused with exactly this list of errors. */
static inline void expect_refused(struct arena *arena, const struct message *message,
                                  const struct request_parts *parts, const char *detail)
{
    AUTO_BUFFER(errors, ERRORS_MAX_BYTES);
    void *out = arena_alloc(arena, message->size);
    enum status status = message_decode_request(message, parts, arena, out, &errors);
    const char *expected = json_of(arena, arena_printf(arena, "{`detail`:[%s]}", detail));
    assert_string_equal(buffer_text(&errors), expected);
    assert_int_equal(status, STATUS_INVALID);
}
