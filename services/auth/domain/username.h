/* SPDX-License-Identifier: MIT */
/* Usernames are TikTok names. */
#pragma once

#include "lib/base/arena.h"

/* The folded form: trimmed, lower-case, every '@' dropped. NULL unless that is 2 to 64 of a-z 0-9 .
 * _ - */
const char *username_fold(struct arena *arena, const char *text);
