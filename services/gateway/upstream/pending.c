/* SPDX-License-Identifier: MIT */
#include "services/gateway/upstream/pending.h"

#include <assert.h>
#include <pthread.h>

#define NONE UINT32_MAX
#define INDEX_BITS 32

/* In use: on the list from oldest to newest, whose order is not that of the deadlines. Else: on the
 * free list, by next. */
struct slot {
    struct pending_entry entry;
    uint32_t generation; /* counts the entries that were here; odd while one is */
    bool is_borrowed;
    uint32_t previous;
    uint32_t next;
};

struct pending {
    pthread_mutex_t lock;
    uint32_t max;
    uint32_t touched; /* slots that were ever used: the rest of the table costs no memory */
    uint32_t count;
    uint32_t first_free;
    uint32_t oldest;
    uint32_t newest;
    struct slot slots[];
};

struct pending *pending_new(unsigned max)
{
    struct pending *pending = calloc(1, sizeof(*pending) + max * sizeof(struct slot));
    if (!pending)
        abort();
    pthread_mutex_init(&pending->lock, NULL);
    pending->max = max;
    pending->first_free = pending->oldest = pending->newest = NONE;
    return pending;
}

static uint32_t take_free(struct pending *pending)
{
    uint32_t index = pending->first_free;
    if (index != NONE)
        pending->first_free = pending->slots[index].next;
    else if (pending->touched < pending->max)
        index = pending->touched++;
    return index;
}

static void append(struct pending *pending, uint32_t index)
{
    struct slot *slot = &pending->slots[index];
    slot->previous = pending->newest;
    slot->next = NONE;
    if (pending->newest == NONE)
        pending->oldest = index;
    else
        pending->slots[pending->newest].next = index;
    pending->newest = index;
    pending->count++;
}

static void release(struct pending *pending, uint32_t index)
{
    struct slot *slot = &pending->slots[index];
    if (slot->previous == NONE)
        pending->oldest = slot->next;
    else
        pending->slots[slot->previous].next = slot->next;
    if (slot->next == NONE)
        pending->newest = slot->previous;
    else
        pending->slots[slot->next].previous = slot->previous;
    slot->generation++;
    slot->next = pending->first_free;
    pending->first_free = index;
    pending->count--;
}

bool pending_add(struct pending *pending, const struct pending_entry *entry, uint64_t *ret_ticket)
{
    pthread_mutex_lock(&pending->lock);
    uint32_t index = take_free(pending);
    if (index != NONE) {
        struct slot *slot = &pending->slots[index];
        slot->entry = *entry;
        slot->generation++;
        append(pending, index);
        *ret_ticket = (uint64_t)slot->generation << INDEX_BITS | index;
    }
    pthread_mutex_unlock(&pending->lock);
    return index != NONE;
}

/* The slot of an entry that may be taken; NULL when there is none. Under the lock. */
static struct slot *find(struct pending *pending, uint64_t ticket)
{
    uint32_t index = (uint32_t)ticket;
    uint32_t generation = (uint32_t)(ticket >> INDEX_BITS);
    if (index >= pending->max || generation % 2 == 0)
        return NULL;
    struct slot *slot = &pending->slots[index];
    return slot->generation == generation && !slot->is_borrowed ? slot : NULL;
}

bool pending_take(struct pending *pending, uint64_t ticket, struct pending_entry *ret_entry)
{
    pthread_mutex_lock(&pending->lock);
    struct slot *slot = find(pending, ticket);
    if (slot) {
        *ret_entry = slot->entry;
        release(pending, (uint32_t)ticket);
    }
    pthread_mutex_unlock(&pending->lock);
    return slot;
}

bool pending_borrow(struct pending *pending, uint64_t ticket, struct pending_entry *ret_entry)
{
    pthread_mutex_lock(&pending->lock);
    struct slot *slot = find(pending, ticket);
    if (slot) {
        *ret_entry = slot->entry;
        slot->is_borrowed = true;
    }
    pthread_mutex_unlock(&pending->lock);
    return slot;
}

void pending_give_back(struct pending *pending, uint64_t ticket, const struct pending_entry *entry)
{
    pthread_mutex_lock(&pending->lock);
    struct slot *slot = &pending->slots[(uint32_t)ticket];
    assert(slot->is_borrowed);
    slot->entry = *entry;
    slot->is_borrowed = false;
    pthread_mutex_unlock(&pending->lock);
}

static bool has_expired(const struct slot *slot, int64_t now_ms)
{
    return slot->entry.deadline_ms <= now_ms && !slot->is_borrowed;
}

bool pending_take_expired(struct pending *pending, int64_t now_ms, struct pending_entry *ret_entry)
{
    pthread_mutex_lock(&pending->lock);
    uint32_t index = pending->oldest;
    while (index != NONE && !has_expired(&pending->slots[index], now_ms))
        index = pending->slots[index].next;
    if (index != NONE) {
        *ret_entry = pending->slots[index].entry;
        release(pending, index);
    }
    pthread_mutex_unlock(&pending->lock);
    return index != NONE;
}

unsigned pending_count(struct pending *pending)
{
    pthread_mutex_lock(&pending->lock);
    unsigned count = pending->count;
    pthread_mutex_unlock(&pending->lock);
    return count;
}

void pending_free(struct pending *pending)
{
    if (!pending)
        return;
    assert(pending->count == 0);
    pthread_mutex_destroy(&pending->lock);
    free(pending);
}
