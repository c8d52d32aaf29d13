/* SPDX-License-Identifier: MIT */
/* What the parts of the gateway share: made at the start; what changes afterwards may be changed by
 * any thread. */
#pragma once

#include "lib/base/metrics.h"
#include "services/gateway/access/client.h"
#include "services/gateway/access/ended.h"
#include "services/gateway/access/keys.h"
#include "services/gateway/access/limits.h"
#include "services/gateway/access/tokens.h"
#include "services/gateway/body.h"
#include "services/gateway/config.h"
#include "services/gateway/upstream/upstream.h"

#include <stdatomic.h>

struct gateway {
    const struct gateway_config *config;
    struct bus *bus;
    struct metrics *metrics;
    struct bodies *bodies;
    struct upstream *upstream;
    struct token_keys token_keys;
    struct key admin_key;
    struct key web_key;
    struct proxies proxies;
    struct ended *ended;
    struct limits *limits;
    int64_t started_ms;        /* monotonic */
    atomic_uint watched_lives; /* users whose live is being watched for sockets here */
};
