/* SPDX-License-Identifier: MIT */
/* Lists of texts, and the comma-separated form in which SQL hands them over. */
#pragma once

#include "lib/base/arena.h"

#include <stddef.h>

/* An array of items: const char *, int64_t, or structs, as the field's item says. */
struct list {
    const void *items;
    size_t count;
};

/* "a,b" → [a, b]; an empty or NULL text gives an empty list. */
struct list list_split(struct arena *arena, const char *text, char separator);

/* [a, b] → "a,b". */
const char *list_join(struct arena *arena, struct list texts, char separator);
