/* SPDX-License-Identifier: MIT */
/* As much of an HTTP request's head as must be known before the library reads it: whether it is one
 * for a socket of the old API, and then whose. */
#pragma once

#include <stddef.h>

#define REQUEST_HEAD_MAX_BYTES 4096 /* the library takes no longer ones */

/* Borrow from the text; "" where it does not say. */
struct request_head {
    const char *token; /* what follows /ws/ in the path, without a slash at the end */
    const char *forwarded_for;
    const char *request_id;
    const char *traceparent;
};

enum request_head_kind {
    REQUEST_HEAD_PART,  /* not told yet: more must come */
    REQUEST_HEAD_V1,    /* GET /ws/<token> */
    REQUEST_HEAD_OTHER, /* anything else, and a head that is too long */
};

/* text is NUL-terminated after its size bytes, and written to when it is of v1. Of headers that
 * come twice the last counts. */
enum request_head_kind request_head_parse(char *text, size_t size, struct request_head *ret_head);
