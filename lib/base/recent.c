/* SPDX-License-Identifier: MIT */
#include "lib/base/recent.h"

#include "lib/base/map.h"

#include <assert.h>
#include <stdalign.h>

struct entry {
    struct entry *next; /* known for less long */
    char *key;          /* behind the value */
    alignas(max_align_t) unsigned char value[];
};

struct recent {
    size_t value_size;
    size_t max;
    struct map by_key;
    struct entry *first;
    struct entry **last;
};

struct recent *recent_new(size_t value_size, size_t max)
{
    struct recent *recent = calloc(1, sizeof(*recent));
    if (!recent)
        abort();
    recent->value_size = value_size;
    recent->max = max;
    recent->last = &recent->first;
    return recent;
}

static void forget_first(struct recent *recent)
{
    struct entry *first = recent->first;
    recent->first = first->next;
    if (!recent->first)
        recent->last = &recent->first;
    map_remove(&recent->by_key, first->key);
    free(first);
}

void *recent_find(const struct recent *recent, const char *key)
{
    struct entry *entry = map_find(&recent->by_key, key);
    return entry ? entry->value : NULL;
}

void *recent_put(struct recent *recent, const char *key)
{
    void *known = recent_find(recent, key);
    if (known)
        return known;
    if (recent->by_key.count == recent->max)
        forget_first(recent);
    size_t key_size = strlen(key) + 1;
    assert(key_size <= RECENT_KEY_SIZE);
    struct entry *entry = calloc(1, sizeof(*entry) + recent->value_size + key_size);
    if (!entry)
        abort();
    entry->key = (char *)entry->value + recent->value_size;
    memcpy(entry->key, key, key_size);
    map_add(&recent->by_key, entry->key, entry);
    *recent->last = entry;
    recent->last = &entry->next;
    return entry->value;
}

void recent_free(struct recent *recent)
{
    if (!recent)
        return;
    while (recent->first)
        forget_first(recent);
    map_done(&recent->by_key);
    free(recent);
}
