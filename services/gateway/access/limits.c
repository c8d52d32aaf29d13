/* SPDX-License-Identifier: MIT */
#include "services/gateway/access/limits.h"

#include <arpa/inet.h>
#include <math.h>
#include <pthread.h>

#define WINDOW_NS (INT64_C(1000000000) * LIMITS_WINDOW_S)
#define SECOND_NS INT64_C(1000000000)
#define IPV6_NETWORK_BYTES 8

/* 65,536 clients in 2 MiB. */
#define BUCKETS 8192
#define BUCKET_SIZE 8
#define LOCKS 64 /* each for every 64th bucket */

static const struct {
    unsigned limit; /* of a window */
    const char *label;
} classes[ROUTE_RATES] = {
    [ROUTE_RATE_LOGIN] = {20, "class=\"login\""},
    [ROUTE_RATE_LICENSE] = {30, "class=\"license\""},
    [ROUTE_RATE_SPEECH] = {60, "class=\"speech\""},
    [ROUTE_RATE_OTHER] = {1200, "class=\"other\""},
};

/* A client that was never here has a full allowance, as one has whose full_at has passed. */
struct entry {
    struct limits_key key;
    enum route_rate rate;
    int64_t full_at_ns; /* monotonic */
};

struct limits {
    unsigned limit[ROUTE_RATES]; /* 0: none */
    struct metric *refused[ROUTE_RATES];
    uint64_t seeds[2]; /* random: nobody can aim at the bucket of another */
    pthread_mutex_t locks[LOCKS];
    struct entry buckets[BUCKETS][BUCKET_SIZE];
};

struct limits *limits_new(double factor, struct metrics *metrics)
{
    struct limits *limits = calloc(1, sizeof(*limits));
    if (!limits)
        abort();
    for (size_t i = 0; i < ROUTE_RATES; i++) {
        if (factor > 0)
            limits->limit[i] = (unsigned)fmax(1, round(classes[i].limit * factor));
        if (metrics)
            limits->refused[i] = metrics_counter(metrics, "ttb_rate_limited_total",
                                                 "Requests over a rate limit.", classes[i].label);
    }
    random_bytes(limits->seeds, sizeof(limits->seeds));
    for (size_t i = 0; i < LOCKS; i++)
        pthread_mutex_init(&limits->locks[i], NULL);
    return limits;
}

/* ---- keys ---- */

/* A UUID is no address in this form: its ninth byte is never 0, as theirs are. */
struct limits_key limits_user_key(const struct uuid *user_id)
{
    struct limits_key key;
    uuid_bytes(user_id->text, key.bytes);
    return key;
}

struct limits_key limits_address_key(const char *address)
{
    struct limits_key key = {0};
    if (strchr(address, ':')) {
        struct in6_addr network = IN6ADDR_ANY_INIT;
        (void)inet_pton(AF_INET6, address, &network);
        memcpy(key.bytes, &network, IPV6_NETWORK_BYTES);
        return key;
    }
    key.bytes[10] = key.bytes[11] = 0xFF; /* as mapped into IPv6 */
    (void)inet_pton(AF_INET, address, &key.bytes[12]);
    return key;
}

/* ---- buckets ---- */

static size_t bucket_of(const struct limits *limits, enum route_rate rate,
                        const struct limits_key *key)
{
    uint64_t halves[2];
    memcpy(halves, key, sizeof(halves));
    __uint128_t product =
        (__uint128_t)(halves[0] ^ limits->seeds[0]) * (halves[1] ^ limits->seeds[1] ^ rate);
    return (size_t)((uint64_t)product ^ (uint64_t)(product >> 64)) % BUCKETS;
}

/* The client's entry; else a fresh one in the place of the one that tells us least. */
static struct entry *find(struct entry *bucket, enum route_rate rate, const struct limits_key *key)
{
    struct entry *fullest = bucket;
    for (struct entry *entry = bucket; entry < bucket + BUCKET_SIZE; entry++) {
        if (entry->rate == rate && memcmp(&entry->key, key, sizeof(*key)) == 0)
            return entry;
        if (entry->full_at_ns < fullest->full_at_ns)
            fullest = entry;
    }
    *fullest = (struct entry){.key = *key, .rate = rate};
    return fullest;
}

/* ---- counting ---- */

static unsigned to_seconds(int64_t ns)
{
    return (unsigned)((ns + SECOND_NS - 1) / SECOND_NS);
}

static struct limits_verdict take(struct entry *entry, unsigned limit, int64_t now_ns)
{
    int64_t each_ns = WINDOW_NS / limit;
    int64_t used_ns = entry->full_at_ns > now_ns ? entry->full_at_ns - now_ns : 0;
    bool is_refused = used_ns + each_ns > WINDOW_NS;
    if (!is_refused)
        used_ns += each_ns;
    entry->full_at_ns = now_ns + used_ns;
    int64_t left_ns = WINDOW_NS - used_ns;
    return (struct limits_verdict){
        .is_refused = is_refused,
        .limit = limit,
        .remaining = (unsigned)(left_ns / each_ns),
        .reset_s = to_seconds(each_ns - left_ns % each_ns),
    };
}

struct limits_verdict limits_take(struct limits *limits, enum route_rate rate,
                                  const struct limits_key *key, int64_t now_mono_ns)
{
    unsigned limit = limits->limit[rate];
    if (limit == 0)
        return (struct limits_verdict){0};
    size_t bucket = bucket_of(limits, rate, key);
    pthread_mutex_t *lock = &limits->locks[bucket % LOCKS];
    pthread_mutex_lock(lock);
    struct entry *entry = find(limits->buckets[bucket], rate, key);
    struct limits_verdict verdict = take(entry, limit, now_mono_ns);
    pthread_mutex_unlock(lock);
    if (verdict.is_refused)
        metric_add(limits->refused[rate], 1);
    return verdict;
}

void limits_free(struct limits *limits)
{
    if (!limits)
        return;
    for (size_t i = 0; i < LOCKS; i++)
        pthread_mutex_destroy(&limits->locks[i]);
    free(limits);
}
