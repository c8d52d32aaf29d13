/* SPDX-License-Identifier: MIT */
/* Names of sounds: at most 128 of A-Z, a-z, 0-9, '.', '_' and '-', and no dot at the front. So a
 * name is one component of a path, and of a URL, as it stands. */
#pragma once

#include "lib/base/macros.h"

#include <stdbool.h>

#define FILENAME_SIZE 129 /* with its NUL */

struct filename {
    char text[FILENAME_SIZE];
};

/* From what a client calls its file: the last component of a path of any system, without the dots
 * at its front; a character that is not allowed becomes one '_', a byte of malformed UTF-8, too. A
 * name that is too long loses the end of its stem. "sound" when nothing is left. */
void filename_clean(const char *text, struct filename *ret_name);

/* Whether filename_clean can have given text. */
bool filename_is_clean(const char *text);

/* What to call it when names are taken: "boom.mp3" for 1, "boom_2.mp3" for 2. */
void filename_number(const struct filename *name, unsigned number, struct filename *ret_name);

/* Puts an extension (".mp3") behind the name. */
void filename_append(struct filename *name, const char *extension);

/* From the last dot on; "" where there is none, or what follows it is too long for an extension.
 * Points into text. */
const char *filename_extension(const char *text);
