/* SPDX-License-Identifier: MIT */
/* Makes chat fit to be read aloud: emoji, control characters and links go, runs of one character
 * shorten to three, white space folds. The letters of every script stay as they are. No locale, no
 * state. */
#pragma once

#include "lib/base/arena.h"

#include <stdbool.h>
#include <stddef.h>

struct spoken_options {
    bool read_links;
    size_t max_chars; /* code points of the result; 0 = no limit */
};

/* The text to speak, in the arena, always valid UTF-8. NULL when nothing is left that has a sound.
 * Digits are exempt from the shortening, since "10000" must not become "1000". */
const char *spoken_prepare(struct arena *arena, const char *text,
                           const struct spoken_options *options);
