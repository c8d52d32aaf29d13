/* SPDX-License-Identifier: MIT */
#include "services/gateway/access/limits.h"

#include <arpa/inet.h>
#include <math.h>

#define IPV6_NETWORK_BYTES 8

static const struct {
    unsigned limit; /* of a window */
    const char *label;
} classes[ROUTE_RATES] = {
    [ROUTE_RATE_LOGIN] = {20, "class=\"login\""},
    [ROUTE_RATE_LICENSE] = {30, "class=\"license\""},
    [ROUTE_RATE_SPEECH] = {60, "class=\"speech\""},
    /* What people do by hand, at most; TikTok, and the signatures that it takes, are everybody's.
     */
    [ROUTE_RATE_LIVE] = {6, "class=\"live\""},
    [ROUTE_RATE_OTHER] = {1200, "class=\"other\""},
};

struct limits {
    unsigned limit[ROUTE_RATES]; /* 0: none */
    struct allowance *allowances[ROUTE_RATES];
    struct metric *refused[ROUTE_RATES];
};

static unsigned limit_of(enum route_rate rate, double factor)
{
    return factor > 0 ? (unsigned)fmax(1, round(classes[rate].limit * factor)) : 0;
}

struct limits *limits_new(double factor, struct metrics *metrics)
{
    struct limits *limits = calloc(1, sizeof(*limits));
    if (!limits)
        abort();
    for (enum route_rate rate = 0; rate < ROUTE_RATES; rate++) {
        limits->limit[rate] = limit_of(rate, factor);
        if (limits->limit[rate] > 0)
            limits->allowances[rate] = allowance_new(limits->limit[rate], LIMITS_WINDOW_S);
        if (metrics)
            limits->refused[rate] =
                metrics_counter(metrics, "ttb_rate_limited_total", "Requests over a rate limit.",
                                classes[rate].label);
    }
    return limits;
}

/* ---- keys ---- */

/* A UUID is no address in this form: its ninth byte is never 0, as theirs are. */
struct limits_key limits_user_key(const struct uuid *user_id)
{
    return (struct limits_key){allowance_key_of(user_id)};
}

struct limits_key limits_address_key(const char *address)
{
    struct limits_key key = {0};
    uint8_t *bytes = key.client.bytes;
    if (strchr(address, ':')) {
        struct in6_addr network = IN6ADDR_ANY_INIT;
        (void)inet_pton(AF_INET6, address, &network);
        memcpy(bytes, &network, IPV6_NETWORK_BYTES);
        return key;
    }
    bytes[10] = bytes[11] = 0xFF; /* as mapped into IPv6 */
    (void)inet_pton(AF_INET, address, &bytes[12]);
    return key;
}

/* ---- counting ---- */

struct limits_verdict limits_take(struct limits *limits, enum route_rate rate,
                                  const struct limits_key *key, int64_t now_mono_ns)
{
    if (limits->limit[rate] == 0)
        return (struct limits_verdict){0};
    struct allowance_verdict verdict =
        allowance_take(limits->allowances[rate], &key->client, now_mono_ns);
    if (verdict.is_refused)
        metric_add(limits->refused[rate], 1);
    return (struct limits_verdict){
        .is_refused = verdict.is_refused,
        .limit = limits->limit[rate],
        .remaining = verdict.remaining,
        .reset_s = verdict.reset_s,
    };
}

void limits_free(struct limits *limits)
{
    if (!limits)
        return;
    for (size_t i = 0; i < ROUTE_RATES; i++)
        allowance_free(limits->allowances[i]);
    free(limits);
}
