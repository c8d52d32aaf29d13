/* SPDX-License-Identifier: MIT */
#include "services/gateway/ws/recent.h"

#include "lib/base/macros.h"

/* FNV-1a, 64 bits. */
static uint64_t hash_of(const char *id)
{
    uint64_t hash = 14695981039346656037U;
    for (; *id; id++)
        hash = (hash ^ (unsigned char)*id) * 1099511628211U;
    return hash ? hash : 1;
}

bool recent_before(struct recent *recent, const char *id)
{
    uint64_t hash = hash_of(id);
    for (unsigned i = 0; i < RECENT_MAX; i++) {
        if (recent->hashes[i] == hash)
            return true;
    }
    recent->hashes[recent->next] = hash;
    recent->next = (recent->next + 1) % RECENT_MAX;
    return false;
}
