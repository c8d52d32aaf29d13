/* SPDX-License-Identifier: MIT */
/* Cuts a long text where a speaker would draw breath. */
#pragma once

#include <stddef.h>

/* Bytes of text's next piece, max_bytes (4 at least) at most and 0 only at the end: all that is
 * left when it fits, else up to the last sentence's end, else the last clause's, else white space,
 * else a character's end. What divides two pieces belongs to the first. text is valid UTF-8. */
size_t pieces_next(const char *text, size_t max_bytes);
