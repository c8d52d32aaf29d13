/* SPDX-License-Identifier: MIT */
/* Taking over the old backend's keys and orders. What is here stays as it is: only what is missing
 * is added. */
#pragma once

#include "services/license/store/issue.h"
#include "services/license/store/keys.h"

/* What to read in the old database: see struct import_table. */
extern const struct pg_query import_old_keys;
extern const struct pg_query import_old_purchases;

/* Times are text as Postgres reads it, in UTC. */
struct import_key {
    const char *key;
    const char *plan; /* an id of license.plans; NULL: none */
    const char *status;
    const char *issued_at;  /* NULL: now */
    const char *expires_at; /* NULL: never */
    const char *user_id;    /* NULL: nobody's */
    int64_t max_devices;
    int64_t devices_bound;
};

enum import_key_result { IMPORT_KEY_ADDED, IMPORT_KEY_BOUND, IMPORT_KEY_PRESENT };

/* Adds the key, or, to one that is here and was never anybody's, its owner. The owner's entitlement
 * is told in any case. */
MUST_CHECK enum status import_key_insert(struct call *call, const struct import_key *key,
                                         enum import_key_result *ret_result);

enum import_order_result {
    IMPORT_ORDER_ADDED,
    IMPORT_ORDER_PRESENT,
    IMPORT_ORDER_DIFFERS,   /* the order is here with another key */
    IMPORT_ORDER_NO_KEY,    /* its key is not here */
    IMPORT_ORDER_KEY_TAKEN, /* its key belongs to another order */
};

/* Adds the order of a key. A plan of NULL is the key's. */
MUST_CHECK enum status import_order_insert(struct call *call, const struct order *order,
                                           const char *key, const char *created_at,
                                           enum import_order_result *ret_result);
