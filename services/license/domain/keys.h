/* SPDX-License-Identifier: MIT */
/* The form of licence keys: PREFIX-XXXX-XXXX-XXXX, of 32 characters without look-alikes, so 60
 * random bits. */
#pragma once

#include "lib/base/arena.h"

/* Makes a key out of 12 random bytes. */
const char *key_make(struct arena *arena, const char *prefix, const unsigned char random[12]);

/* The form under which a key is stored and looked up: trimmed and upper-case. Keys of the old
 * hexadecimal form are like that too. */
const char *key_normalise(struct arena *arena, const char *text);

/* The first part of new keys that a client asks for: of text's first 10 characters, trimmed, the
 * letters and digits, upper-case. NULL when that is nothing. */
const char *key_prefix(struct arena *arena, const char *text);
