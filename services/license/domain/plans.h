/* SPDX-License-Identifier: MIT */
/* Plan names and terms, as clients write them. */
#pragma once

#include "lib/base/arena.h"

#include <stdbool.h>
#include <stdint.h>

#define PLAN_FREE "nova_free_streamer" /* what a key without a plan allows */
#define TERM_DEFAULT_DAYS 30
#define TERM_MAX_DAYS 3650

/* The form in which plan names compare: lower-case, with '-' and space as '_'. NULL for none at all
 * (NULL or blank). */
const char *plan_normalise(struct arena *arena, const char *name);

/* Absent (has_days false) and 0 mean 30 days; otherwise 1 to 3650. False for anything else. */
bool term_check(bool has_days, int64_t days, int64_t *ret_days);

/* A term is lengthened by 1 to 3650 days. */
bool extension_check(int64_t days);
