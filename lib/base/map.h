/* SPDX-License-Identifier: MIT */
/* Finds things by their names: a hash table from texts to pointers. It owns neither; a key, which
 * is best a member of the thing itself, must stay as it is while it is in the map. How many may
 * come in is for the caller to bound. Not thread-safe. All zeroes is an empty map. */
#pragma once

#include "lib/base/macros.h"

#include <stddef.h>
#include <stdint.h>

struct map {
    struct map_slot *slots; /* a power of two of them, at most half of them taken */
    size_t capacity;
    size_t count;
    uint64_t seed; /* random: who chooses names can't choose names that collide */
};

/* The value of key; NULL when it is not there. */
void *map_find(const struct map *map, const char *key);

/* key must not be there yet; value is not NULL. */
void map_add(struct map *map, const char *key, void *value);

/* Does nothing when key is not there. */
void map_remove(struct map *map, const char *key);

/* Frees the table; it is an empty map again. */
void map_done(struct map *map);
