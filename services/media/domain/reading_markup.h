/* SPDX-License-Identifier: MIT */
/* What people write for the eye: tags, faces made of signs. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Bytes at text that say nothing aloud and go whole, 0 for none: a tag that HTML or SSML knows
 * ("<b>", "</speak>"), a character reference ("&lt;"), a face (":-D", "T_T"). before is the
 * character in front of it, 0 at the start. */
size_t reading_markup_size(const char *text, uint32_t before);
