/* SPDX-License-Identifier: MIT */
#include "lib/base/allowance.h"

#include <assert.h>
#include <pthread.h>

#define SECOND_NS INT64_C(1000000000)

/* 65,536 clients in 1.5 MiB. */
#define BUCKETS 8192
#define BUCKET_SIZE 8
#define LOCKS 64 /* each for every 64th bucket */

/* A client that was never here has a full allowance, as one has whose full_at has passed. */
struct entry {
    struct allowance_key key;
    int64_t full_at_ns; /* monotonic */
};

struct allowance {
    int64_t window_ns;
    int64_t each_ns;   /* what one costs of the window */
    uint64_t seeds[2]; /* random: nobody can aim at the bucket of another */
    pthread_mutex_t locks[LOCKS];
    struct entry buckets[BUCKETS][BUCKET_SIZE];
};

struct allowance *allowance_new(unsigned limit, unsigned window_s)
{
    assert(limit >= 1 && window_s >= 1);
    struct allowance *allowance = calloc(1, sizeof(*allowance));
    if (!allowance)
        abort();
    allowance->window_ns = SECOND_NS * window_s;
    allowance->each_ns = allowance->window_ns / limit;
    random_bytes(allowance->seeds, sizeof(allowance->seeds));
    for (size_t i = 0; i < LOCKS; i++)
        pthread_mutex_init(&allowance->locks[i], NULL);
    return allowance;
}

struct allowance_key allowance_key_of(const struct uuid *id)
{
    struct allowance_key key;
    uuid_bytes(id->text, key.bytes);
    return key;
}

static size_t bucket_of(const struct allowance *allowance, const struct allowance_key *key)
{
    uint64_t halves[2];
    memcpy(halves, key, sizeof(halves));
    __uint128_t product = (__uint128_t)(halves[0] ^ allowance->seeds[0]) *
                          (__uint128_t)(halves[1] ^ allowance->seeds[1]);
    return (size_t)((uint64_t)product ^ (uint64_t)(product >> 64)) % BUCKETS;
}

/* The client's entry; else a fresh one in the place of the one that tells us least. */
static struct entry *find(struct entry *bucket, const struct allowance_key *key)
{
    struct entry *fullest = bucket;
    for (struct entry *entry = bucket; entry < bucket + BUCKET_SIZE; entry++) {
        if (memcmp(&entry->key, key, sizeof(*key)) == 0)
            return entry;
        if (entry->full_at_ns < fullest->full_at_ns)
            fullest = entry;
    }
    *fullest = (struct entry){.key = *key};
    return fullest;
}

static unsigned to_seconds(int64_t ns)
{
    return (unsigned)((ns + SECOND_NS - 1) / SECOND_NS);
}

static struct allowance_verdict take(const struct allowance *allowance, struct entry *entry,
                                     int64_t now_ns)
{
    int64_t each_ns = allowance->each_ns;
    int64_t used_ns = entry->full_at_ns > now_ns ? entry->full_at_ns - now_ns : 0;
    bool is_refused = used_ns + each_ns > allowance->window_ns;
    if (!is_refused)
        used_ns += each_ns;
    entry->full_at_ns = now_ns + used_ns;
    int64_t left_ns = allowance->window_ns - used_ns;
    return (struct allowance_verdict){
        .is_refused = is_refused,
        .remaining = (unsigned)(left_ns / each_ns),
        .reset_s = to_seconds(each_ns - left_ns % each_ns),
    };
}

struct allowance_verdict allowance_take(struct allowance *allowance,
                                        const struct allowance_key *key, int64_t now_mono_ns)
{
    size_t bucket = bucket_of(allowance, key);
    pthread_mutex_t *lock = &allowance->locks[bucket % LOCKS];
    pthread_mutex_lock(lock);
    struct entry *entry = find(allowance->buckets[bucket], key);
    struct allowance_verdict verdict = take(allowance, entry, now_mono_ns);
    pthread_mutex_unlock(lock);
    return verdict;
}

void allowance_free(struct allowance *allowance)
{
    if (!allowance)
        return;
    for (size_t i = 0; i < LOCKS; i++)
        pthread_mutex_destroy(&allowance->locks[i]);
    free(allowance);
}
