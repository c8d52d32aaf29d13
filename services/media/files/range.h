/* SPDX-License-Identifier: MIT */
/* The parts of RFC 9110 that a file server needs: byte ranges and entity tags. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum range_verdict {
    RANGE_WHOLE, /* no range, one that is malformed or of several parts: the whole file answers it
                  */
    RANGE_PART,  /* 206 */
    RANGE_UNSATISFIABLE, /* 416 */
};

struct range {
    uint64_t first;
    uint64_t length;
};

/* Reads a Range header, which may be NULL, for a file of size bytes. ret_range is set for
 * RANGE_PART only. */
enum range_verdict range_parse(const char *header, uint64_t size, struct range *ret_range);

/* Whether tag (with its quotes) is in an If-None-Match list, by weak comparison; "*" matches all. A
 * NULL header never matches. */
bool etag_is_listed(const char *header, const char *tag);
