/* SPDX-License-Identifier: MIT */
/* What the columns of the old backend's database say. They come as text, and what a dump made of a
 * number or a boolean is read, too: "9900.00", "1". */
#pragma once

#include "lib/base/macros.h"

#include <stdbool.h>
#include <stdint.h>

/* A whole number in min..max; a fraction may only be of zeros. */
MUST_CHECK bool import_parse_int(const char *text, int64_t min, int64_t max, int64_t *ret_value);

/* "true", "t" and "1", or "false", "f" and "0". */
MUST_CHECK bool import_parse_bool(const char *text, bool *ret_value);
