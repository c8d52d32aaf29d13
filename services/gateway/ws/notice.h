/* SPDX-License-Identifier: MIT */
/* The frames that the gateway writes itself; all others are the events service's. */
#pragma once

#include "lib/base/buffer.h"

#define NOTICE_MAX_BYTES 512

/* Each appends one frame's text to out. */
void notice_pong(struct buffer *out);
void notice_disconnected(struct buffer *out, const char *message);
void notice_error(struct buffer *out, const char *message, const char *code);
