/* SPDX-License-Identifier: MIT */
/* Licence keys as they are. Keys are given in their normalised form. Times are RFC 3339 text. */
#pragma once

#include "lib/api/call.h"

struct license_key {
    const char *key;
    const char *plan; /* NULL: none */
    const char *status;
    const char *issued_at;
    const char *expires_at; /* NULL: never */
    const char *user_id;    /* NULL: nobody's yet */
    int64_t max_devices;
    int64_t devices_bound;
    bool is_expired;
};

struct license_keys {
    const struct license_key *items;
    size_t count;
};

MUST_CHECK enum status keys_find(struct call *call, const char *key, struct license_key *ret_key);

/* Newest first. */
MUST_CHECK enum status keys_list(struct call *call, int64_t limit, int64_t offset,
                                 struct license_keys *ret_keys);
