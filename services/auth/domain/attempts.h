/* SPDX-License-Identifier: MIT */
/* How wrong passwords hold back the attempts after them: some are free, then each makes the next
 * attempt wait twice as long. ARCHITECTURE.md, "Wrong passwords". */
#pragma once

#include "lib/base/arena.h"

#include <stdbool.h>
#include <stdint.h>

#define ATTEMPTS_FREE_OF_ACCOUNT 5
#define ATTEMPTS_FREE_OF_ADDRESS 20
#define ATTEMPTS_FORGOTTEN_S 3600 /* so long after the last failure none counts any more */
#define ATTEMPTS_DELAY_MAX_S 900
/* An attempt that is being checked keeps others away at most so long: whoever checks it may die. */
#define ATTEMPTS_CLAIM_S 15

/* Whether there were so many failures that attempts must come one at a time. */
bool attempts_are_delayed(int64_t failures, int64_t free_failures);

/* Milliseconds that the next attempt must wait still, when the last failure was elapsed_ms ago. 0:
 * it may come. */
int64_t attempts_wait_ms(int64_t failures, int64_t free_failures, int64_t elapsed_ms);

/* What counts as one address: an IPv4 address, also in its IPv6 form, or an IPv6 network of 64
 * bits, which is what one customer gets. NULL for what is no address. */
const char *attempts_network(struct arena *arena, const char *address);
