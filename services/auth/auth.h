/* SPDX-License-Identifier: MIT */
/* What auth's handlers find in call->app. */
#pragma once

#include "services/auth/config.h"

struct hash_lane;
struct gather;

struct auth {
    const struct auth_config *config;
    struct hash_lane *hashing; /* where passwords are hashed */
    struct gather *lookups;    /* handlers/together.h */
    struct gather *openings;
};

/* The life of an access token. */
static inline int64_t auth_token_ttl_s(const struct auth_config *config)
{
    return (int64_t)config->access_ttl_min * 60;
}
