/* SPDX-License-Identifier: MIT */
/* Words in which some letters are of another script than they seem: "пpивeт" with two Latin
 * letters, by a slip or to get past a filter. */
#pragma once

#include "lib/base/arena.h"

/* text, with Latin letters made Cyrillic in words of both scripts, if they look so all of them. In
 * the arena, or text itself; twice as long at most. */
const char *lookalikes_fold(struct arena *arena, const char *text);
