/* SPDX-License-Identifier: MIT */
/* New keys, and the shop's orders that they are made for. Keys are of random bits: that there is an
 * equal one already happens once in 2^60, and gives STATUS_UNAVAILABLE, to be tried again. Each is
 * one statement: keys, audit and news. */
#pragma once

#include "lib/api/list.h"
#include "services/license/store/keys.h"

/* An order of the shop's, which gets one key, whatever is repeated. */
struct order {
    const char *order_id; /* trimmed */
    const char *plan;
    int64_t ttl_days;
    const char *email; /* NULL: not told; so with the next two */
    bool has_amount;
    int64_t amount; /* in minor units */
    const char *currency;
};

/* Adds active keys that expire days from now, for an administrator. */
MUST_CHECK enum status keys_issue(struct call *call, struct list keys, const char *plan,
                                  int64_t days, struct license_keys *ret_keys);

/* Adds the order and its key, for the shop. STATUS_NOT_FOUND when the order is there already, or
 * has come to be while we waited for one that adds it, too: orders_find has its key. */
MUST_CHECK enum status orders_issue(struct call *call, const struct order *order, const char *key,
                                    struct license_key *ret_key);

/* The key of an order, as it is now. */
MUST_CHECK enum status orders_find(struct call *call, const char *order_id,
                                   struct license_key *ret_key);
