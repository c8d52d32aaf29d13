/* SPDX-License-Identifier: MIT */
/* MP3 by libmp3lame: mono, 64 kbit/s. */
#pragma once

#include "lib/base/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mp3;

/* Writes to out, which it borrows. NULL when lame refuses the rate. */
struct mp3 *mp3_new(unsigned rate_hz, struct buffer *out);

/* Any number of samples. False when out is full or lame fails. */
MUST_CHECK bool mp3_add(struct mp3 *mp3, const int16_t *samples, size_t count);

/* The last frames. */
MUST_CHECK bool mp3_finish(struct mp3 *mp3);

void mp3_free(struct mp3 *mp3);

AUTO_DEFINE(struct mp3 *, mp3_free)
