/* SPDX-License-Identifier: MIT */
/* Time as int64_t: wall time in milliseconds since 1970 (UTC), and a monotonic clock for measuring.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define CLOCK_RFC3339_SIZE 25 /* "2025-11-14T12:34:56.789Z" and its NUL */

int64_t clock_wall_ms(void);
int64_t clock_wall_us(void);
int64_t clock_mono_ms(void);
int64_t clock_mono_ns(void);

/* RFC 3339 in UTC with milliseconds and Z, as the contract wants it. */
void clock_format_rfc3339(int64_t wall_ms, char out[CLOCK_RFC3339_SIZE]);

void clock_sleep_ms(int64_t ms);
