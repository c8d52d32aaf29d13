/* SPDX-License-Identifier: MIT */
/* The origins whose pages may call us, as ALLOWED_ORIGINS lists them: exact, separated by commas.
 */
#pragma once

#include "lib/base/buffer.h"

#include <stdbool.h>

/* Appends a line for each entry that is no origin. `*` is one of them: with credentials it would
 * let every page act for its visitor. */
void origins_validate(const char *list, struct buffer *problems);

bool origins_allow(const char *list, const char *origin);
