/* SPDX-License-Identifier: MIT */
/* How people write when they shout and when they laugh. Texts are valid UTF-8. */
#pragma once

#include "lib/base/arena.h"

/* Capitals that shout become small letters: those of a word of more than four letters and of the
 * words in capitals beside it, of three such words in a row, and of a text that has no other
 * letters, but for a lone short word. "США", "TTS", "OK" stay. In the arena. */
const char *reading_calm(struct arena *arena, const char *text);

/* Of a syllable of two to four letters that is said over and over three are left ("ахахахахахах"),
 * and 40 letters of what is longer than any word. In the arena. */
const char *reading_shorten(struct arena *arena, const char *text);
