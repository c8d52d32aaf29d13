/* SPDX-License-Identifier: MIT */
/* Writes a text out as it is to be read aloud, in Russian and English: numbers with what belongs to
 * them (money, times, dates, parts of a hundred), signs, names, chat's shortenings, SHOUTING. In
 * other languages only what nobody wants to hear goes: marks of layout, tags, endless laughter.
 * Tables and rules, no locale, no state. */
#pragma once

#include "lib/base/arena.h"

#include <stddef.h>

/* No result is longer, whatever is written out: what would be is cut at a character's end. Of the
 * arena all of it takes four bytes more a byte at most. */
#define READING_MAX_BYTES(bytes) (24 * (bytes) + 64)

/* What to give the voice that speaks lang (BCP 47; NULL: not known), in the arena: valid UTF-8, on
 * one line, maybe empty. text is as spoken_prepare (lib/base/spoken.h) leaves it, or a part of that
 * (parts.h): divide a text first, then read each part in the language of its voice. What the result
 * holds is never markup: nothing in it can command a voice. */
const char *reading_prepare(struct arena *arena, const char *lang, const char *text);
