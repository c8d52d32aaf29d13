/* SPDX-License-Identifier: MIT */
#include "services/gateway/access/ended.h"

#include <pthread.h>
#include <stdatomic.h>

#define FIRST_CAPACITY 64

/* Of a session, or of a user. */
struct entry {
    uint8_t id[UUID_BYTES];
    uint8_t except[UUID_BYTES]; /* of a user: the session whose tokens stay good; zeros: none */
    int64_t issued_before_s;    /* of a user */
    int64_t expires_s;          /* 0: the slot is free */
};

/* Open addressing. At most three quarters are in use, so every search ends. */
struct table {
    struct entry *slots;
    size_t capacity; /* a power of two */
    size_t used;     /* those that have expired since the last rebuild included */
};

struct ended {
    pthread_rwlock_t lock;
    struct table sessions;
    struct table cutoffs;
    atomic_bool is_known;
};

/* ---- a table ---- */

static void table_init(struct table *table, size_t capacity)
{
    struct entry *slots = calloc(capacity, sizeof(*slots));
    if (!slots)
        abort();
    *table = (struct table){.slots = slots, .capacity = capacity};
}

/* Where id stands, or would. Ids are random, and nobody can choose ids of ours that collide. */
static struct entry *slot_of(const struct table *table, const uint8_t id[UUID_BYTES])
{
    size_t at;
    memcpy(&at, id, sizeof(at));
    for (;; at++) {
        struct entry *slot = &table->slots[at & (table->capacity - 1)];
        if (slot->expires_s == 0 || memcmp(slot->id, id, UUID_BYTES) == 0)
            return slot;
    }
}

/* NULL when there is none, or no more. */
static const struct entry *find(const struct table *table, const char *id, int64_t now_s)
{
    uint8_t bytes[UUID_BYTES];
    if (table->used == 0)
        return NULL;
    uuid_bytes(id, bytes);
    const struct entry *entry = slot_of(table, bytes);
    return entry->expires_s > now_s ? entry : NULL;
}

static size_t count_live(const struct table *table, int64_t now_s)
{
    size_t count = 0;
    for (size_t i = 0; i < table->capacity; i++)
        count += table->slots[i].expires_s > now_s;
    return count;
}

/* Forgets what has expired, and is at most half full then. */
static void rebuild(struct table *table, int64_t now_s)
{
    struct table old = *table;
    size_t capacity = FIRST_CAPACITY;
    while (capacity / 2 < count_live(&old, now_s))
        capacity *= 2;
    table_init(table, capacity);
    for (size_t i = 0; i < old.capacity; i++) {
        if (old.slots[i].expires_s <= now_s)
            continue;
        *slot_of(table, old.slots[i].id) = old.slots[i];
        table->used++;
    }
    free(old.slots);
}

static bool put(struct table *table, const struct entry *entry, int64_t now_s)
{
    if (entry->expires_s <= now_s)
        return false;
    if (table->used >= table->capacity / 4 * 3)
        rebuild(table, now_s);
    struct entry *slot = slot_of(table, entry->id);
    if (memcmp(slot, entry, sizeof(*slot)) == 0)
        return false;
    table->used += slot->expires_s == 0;
    *slot = *entry;
    return true;
}

/* ---- the set ---- */

struct ended *ended_new(void)
{
    struct ended *ended = calloc(1, sizeof(*ended));
    if (!ended)
        abort();
    pthread_rwlock_init(&ended->lock, NULL);
    table_init(&ended->sessions, FIRST_CAPACITY);
    table_init(&ended->cutoffs, FIRST_CAPACITY);
    return ended;
}

static bool put_locked(struct ended *ended, struct table *table, const struct entry *entry,
                       int64_t now_s)
{
    pthread_rwlock_wrlock(&ended->lock);
    bool is_news = put(table, entry, now_s);
    pthread_rwlock_unlock(&ended->lock);
    return is_news;
}

bool ended_add_session(struct ended *ended, const char *session_id, int64_t expires_s,
                       int64_t now_s)
{
    struct entry entry = {.expires_s = expires_s};
    uuid_bytes(session_id, entry.id);
    return put_locked(ended, &ended->sessions, &entry, now_s);
}

bool ended_add_cutoff(struct ended *ended, const char *user_id, int64_t issued_before_s,
                      const char *except, int64_t expires_s, int64_t now_s)
{
    struct entry entry = {.issued_before_s = issued_before_s, .expires_s = expires_s};
    uuid_bytes(user_id, entry.id);
    if (except)
        uuid_bytes(except, entry.except);
    return put_locked(ended, &ended->cutoffs, &entry, now_s);
}

void ended_set_known(struct ended *ended)
{
    atomic_store(&ended->is_known, true);
}

bool ended_is_known(const struct ended *ended)
{
    return atomic_load(&ended->is_known);
}

static bool is_excepted(const struct entry *cutoff, const char *session_id)
{
    uint8_t bytes[UUID_BYTES];
    if (!*session_id)
        return false;
    uuid_bytes(session_id, bytes);
    return memcmp(cutoff->except, bytes, UUID_BYTES) == 0;
}

static bool contains(const struct ended *ended, const struct token_claims *claims, int64_t now_s)
{
    const char *session_id = claims->session_id.text;
    if (*session_id && find(&ended->sessions, session_id, now_s))
        return true;
    const struct entry *cutoff = find(&ended->cutoffs, claims->user_id.text, now_s);
    return cutoff && claims->issued_s < cutoff->issued_before_s && !is_excepted(cutoff, session_id);
}

bool ended_contains(struct ended *ended, const struct token_claims *claims, int64_t now_s)
{
    pthread_rwlock_rdlock(&ended->lock);
    bool found = contains(ended, claims, now_s);
    pthread_rwlock_unlock(&ended->lock);
    return found;
}

void ended_free(struct ended *ended)
{
    if (!ended)
        return;
    free(ended->sessions.slots);
    free(ended->cutoffs.slots);
    pthread_rwlock_destroy(&ended->lock);
    free(ended);
}
