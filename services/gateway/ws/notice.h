/* SPDX-License-Identifier: MIT */
/* The frames that the gateway writes itself; all others are the events service's. They are for a
 * socket, not of its user's stream: they have no id and no seq, and are never replayed. */
#pragma once

#include "lib/base/buffer.h"

#include <stdint.h>

#define NOTICE_MAX_BYTES 512

/* Each appends one frame's text to out. */
void notice_pong(struct buffer *out);
void notice_disconnected(struct buffer *out, const char *message);
void notice_error(struct buffer *out, const char *message, const char *code);
void notice_gap(struct buffer *out, int64_t from, int64_t to);
