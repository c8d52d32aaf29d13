/* SPDX-License-Identifier: MIT */
/* UUIDs as 36 characters of lower-case text: RFC 9562, version 4 for what we make, 7 where the id
 * should tell its time. */
#pragma once

#include "lib/base/macros.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UUID_SIZE 37 /* with its NUL */
#define UUID_BYTES 16

struct uuid {
    char text[UUID_SIZE];
};

/* A fresh random one. */
void uuid_make(struct uuid *ret_uuid);

/* A fresh one of version 7: the time (of clock_wall_ms), then 74 random bits. */
void uuid_make_timed(int64_t now_ms, struct uuid *ret_uuid);

/* The time in text, which uuid_parse has given. False when it is of another version. */
MUST_CHECK bool uuid_time_ms(const char *text, int64_t *ret_time_ms);

/* Takes any version, either case, with hyphens in the usual places; gives it lower-case. */
MUST_CHECK bool uuid_parse(const char *text, struct uuid *ret_uuid);

/* The bytes that text, which uuid_parse has given, stands for. */
void uuid_bytes(const char *text, uint8_t ret_bytes[UUID_BYTES]);

/* size bytes from the kernel's random source; aborts when there are none. */
void random_bytes(void *out, size_t size);
