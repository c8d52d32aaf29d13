/* SPDX-License-Identifier: MIT */
/* Reads the heads of a multipart body's parts, and gives the body on with heads that say no more
 * than the number of their part.
 *
 * libmicrohttpd's post processor takes a head in one spelling only: other clients leave names
 * unquoted (.NET), or put a name into filename* (Python), or name a character set behind the
 * boundary (Java). It also minds what stands after the last part, which RFC 2046 lets stand there.
 *
 * Sources: RFC 7578 (multipart/form-data), RFC 2046, 5.1.1 (delimiters). */
#pragma once

#include "lib/base/status.h"

#include <stdbool.h>
#include <stddef.h>

#define FORM_NAME_MAX 64
#define FORM_FILENAME_MAX 512
#define FORM_BOUNDARY_MAX 70        /* RFC 2046 */
#define FORM_HEAD_LINE_MAX 4096     /* of bytes, a longer line is an error */
#define FORM_BOUNDARY_PARAM_MAX 256 /* as the post processor takes it from Content-Type */

/* What a part says of itself, in bytes as they came. */
struct form_head {
    char name[FORM_NAME_MAX + 1];
    bool is_file; /* filename is given, and may be "" */
    char filename[FORM_FILENAME_MAX + 1];
};

/* Both end the reading with what they return, unless that is STATUS_OK. */
struct form_heads_output {
    enum status (*head)(void *closure, const struct form_head *head);
    enum status (*feed)(void *closure, const char *data, size_t size);
    void *closure;
};

struct form_heads {
    struct form_heads_output output;
    enum { HEADS_PREAMBLE, HEADS_DELIMITER, HEADS_HEAD, HEADS_VALUE, HEADS_END } state;
    char delimiter[4 + FORM_BOUNDARY_MAX + 1]; /* "\r\n--" and the boundary */
    size_t delimiter_size;
    size_t matched; /* how much of it the bytes before are */
    char out_delimiter[4 + FORM_BOUNDARY_PARAM_MAX + 1];
    unsigned parts;
    struct form_head head; /* of the part that begins */
    size_t line_size;
    char line[FORM_HEAD_LINE_MAX + 1];
};

/* In place. STATUS_BAD_REQUEST when content_type, which is multipart/form-data, has no boundary, or
 * one of more than 70 characters. */
MUST_CHECK enum status form_heads_init(struct form_heads *heads, const char *content_type,
                                       const struct form_heads_output *output);

/* Takes the next bytes of the body. STATUS_BAD_REQUEST for a part without a name, a name or line
 * that is too long, a NUL in a head. */
MUST_CHECK enum status form_heads_take(struct form_heads *heads, const char *data, size_t size);

/* Whether the last delimiter has come. */
bool form_heads_ended(const struct form_heads *heads);
