/* SPDX-License-Identifier: MIT */
/* Bodies in memory: those of requests, and those of replies that come in parts. Each has a maximum
 * of its own, and all of them together have one too, so that many clients at once cost no more
 * memory than the gateway may take. Counted are bytes held; a body that grows may reserve twice
 * that. */
#pragma once

#include "lib/base/buffer.h"
#include "lib/base/metrics.h"
#include "lib/base/status.h"

#include <stdint.h>

/* What all bodies share. Any thread. */
struct bodies;

struct body {
    struct buffer buffer;
    struct bodies *bodies;
};

struct bodies *bodies_new(size_t max_bytes, struct metrics *metrics);

/* In place, holding nothing yet. Afterwards one thread at a time uses a body. */
void body_init(struct body *body, struct bodies *bodies, size_t max_bytes);
struct body *body_new(struct bodies *bodies, size_t max_bytes);

/* STATUS_TOO_LARGE past the body's maximum, STATUS_UNAVAILABLE past that of all: the body is as it
 * was. */
MUST_CHECK enum status body_add(struct body *body, const void *data, size_t size);

struct slice body_slice(const struct body *body);

/* Gives the memory back; what is left holds nothing, and may be used again. */
void body_done(struct body *body);

/* Of body_new. Takes NULL. */
void body_free(struct body *body);

/* After the last body. Takes NULL. */
void bodies_free(struct bodies *bodies);
