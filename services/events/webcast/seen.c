/* SPDX-License-Identifier: MIT */
#include "services/events/webcast/seen.h"

#include "lib/base/macros.h"

#include <assert.h>

static_assert((SEEN_SLOTS & (SEEN_SLOTS - 1)) == 0, "positions wrap by a mask");
static_assert(SEEN_MAX < UINT16_MAX, "a slot holds a place in the ring");

static size_t wrap(size_t slot)
{
    return slot & (SEEN_SLOTS - 1);
}

/* Fibonacci hashing: ids made one after another land far apart. */
static size_t home(int64_t id)
{
    return wrap(((uint64_t)id * UINT64_C(0x9e3779b97f4a7c15)) >> 32);
}

/* The slot of the id, or the free one where it would go. */
static size_t find(const struct seen *seen, int64_t id)
{
    size_t slot = home(id);
    while (seen->slots[slot] && seen->ids[seen->slots[slot] - 1] != id)
        slot = wrap(slot + 1);
    return slot;
}

/* Empties a slot, and moves up those behind it that it had kept from their home: searches end at
 * the first free slot. */
static void vacate(struct seen *seen, size_t hole)
{
    for (size_t slot = wrap(hole + 1); seen->slots[slot]; slot = wrap(slot + 1)) {
        size_t from_home = wrap(slot - home(seen->ids[seen->slots[slot] - 1]));
        if (from_home < wrap(slot - hole))
            continue;
        seen->slots[hole] = seen->slots[slot];
        hole = slot;
    }
    seen->slots[hole] = 0;
}

bool seen_before(struct seen *seen, int64_t id)
{
    if (id == 0)
        return false;
    if (seen->slots[find(seen, id)])
        return true;
    if (seen->ids[seen->next])
        vacate(seen, find(seen, seen->ids[seen->next]));
    seen->ids[seen->next] = id;
    seen->slots[find(seen, id)] = (uint16_t)(seen->next + 1);
    seen->next = (seen->next + 1) % SEEN_MAX;
    return false;
}
