/* SPDX-License-Identifier: MIT */
/* Open addressing: an entry stands at its hash's slot or in the taken ones right behind it. */
#include "lib/base/map.h"

#include "lib/base/text.h"
#include "lib/base/uuid.h"

#include <assert.h>

#define CAPACITY_MIN 16
#define FNV_BASIS 14695981039346656037U
#define FNV_PRIME 1099511628211U

struct map_slot {
    const char *key; /* NULL: free */
    void *value;
};

/* FNV-1a, whose upper half is the better one. */
static size_t home_of(const struct map *map, const char *key)
{
    uint64_t hash = FNV_BASIS ^ map->seed;
    for (; *key; key++)
        hash = (hash ^ (unsigned char)*key) * FNV_PRIME;
    return (size_t)(hash >> 32) & (map->capacity - 1);
}

static size_t next(const struct map *map, size_t at)
{
    return (at + 1) & (map->capacity - 1);
}

/* The slot of key, or the free one where it would stand. */
static size_t place_of(const struct map *map, const char *key)
{
    size_t at = home_of(map, key);
    while (map->slots[at].key && !text_equal(map->slots[at].key, key))
        at = next(map, at);
    return at;
}

static void grow(struct map *map)
{
    struct map old = *map;
    map->capacity = old.capacity ? 2 * old.capacity : CAPACITY_MIN;
    map->slots = calloc(map->capacity, sizeof(*map->slots));
    if (!map->slots)
        abort();
    if (!old.slots)
        random_bytes(&map->seed, sizeof(map->seed));
    for (size_t i = 0; i < old.capacity; i++) {
        if (old.slots[i].key)
            map->slots[place_of(map, old.slots[i].key)] = old.slots[i];
    }
    free(old.slots);
}

void *map_find(const struct map *map, const char *key)
{
    return map->slots ? map->slots[place_of(map, key)].value : NULL;
}

void map_add(struct map *map, const char *key, void *value)
{
    if (2 * (map->count + 1) > map->capacity)
        grow(map);
    struct map_slot *slot = &map->slots[place_of(map, key)];
    assert(!slot->key && value);
    *slot = (struct map_slot){key, value};
    map->count++;
}

/* Those right behind a slot that becomes free are put in anew: they may stand nearer to their home
 * now, and a look-up ends at the first free slot. */
void map_remove(struct map *map, const char *key)
{
    if (!map_find(map, key))
        return;
    size_t at = place_of(map, key);
    map->slots[at] = (struct map_slot){NULL, NULL};
    map->count--;
    for (at = next(map, at); map->slots[at].key; at = next(map, at)) {
        struct map_slot moved = map->slots[at];
        map->slots[at] = (struct map_slot){NULL, NULL};
        map->slots[place_of(map, moved.key)] = moved;
    }
}

void map_done(struct map *map)
{
    free(map->slots);
    *map = (struct map){0};
}
