/* SPDX-License-Identifier: MIT */
/* Rules for what the old backend stored of keys. */
#pragma once

#include "lib/base/arena.h"

#include <stdbool.h>

/* Whether a normalised text can be a key at all: 1 to 64 visible ASCII characters. */
bool import_key_is_sound(const char *key);

/* So much of a key as tells an operator which one is meant, and nobody else how to use it: at most
 * its first 8 characters, and never more than half. */
const char *import_key_hint(struct arena *arena, const char *key);

/* "active", "inactive" or "revoked", however it is written; "inactive" for anything else, and
 * *ret_is_known says so. */
const char *import_status(struct arena *arena, const char *text, bool *ret_is_known);
