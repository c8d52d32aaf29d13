/* SPDX-License-Identifier: MIT */
/* A bounded memory: a value for each key, and when there are too many keys, the one that has been
 * known for longest is forgotten. Not thread-safe. */
#pragma once

#include "lib/base/macros.h"

#include <stddef.h>

struct recent;

/* For values of value_size bytes, under at most max keys of less than RECENT_KEY_SIZE bytes. Takes
 * memory as it fills. */
struct recent *recent_new(size_t value_size, size_t max);

#define RECENT_KEY_SIZE 96

/* The value of key; NULL when there is none. Good until the next recent_put. */
void *recent_find(const struct recent *recent, const char *key);

/* The value of key, zeroed when it is new. */
void *recent_put(struct recent *recent, const char *key);

/* Takes NULL. */
void recent_free(struct recent *recent);
