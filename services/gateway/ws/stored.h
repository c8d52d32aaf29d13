/* SPDX-License-Identifier: MIT */
/* Asking JetStream's stream LIVE for one stored event, and reading its answer
 * ($JS.API.STREAM.MSG.GET). */
#pragma once

#include "lib/base/arena.h"
#include "lib/base/buffer.h"
#include "lib/base/status.h"

#include <stdbool.h>
#include <stdint.h>

#define STORED_SUBJECT "$JS.API.STREAM.MSG.GET.LIVE"
#define STORED_REQUEST_MAX_BYTES 128

/* Appends the request for the user's newest event, or, with a position > 0, for the first at that
 * position of the stream or after it. */
void stored_request(const char *user_id, uint64_t position, struct buffer *out);

struct stored_event {
    uint64_t position;
    int64_t seq;
    struct slice text;
};

/* STATUS_NOT_FOUND when the stream has none, STATUS_UNAVAILABLE for any other answer. The text
 * lives in the arena. */
MUST_CHECK enum status stored_decode(struct slice answer, struct arena *arena,
                                     struct stored_event *ret_event);

/* The `seq` of an event, 0 when it has none. */
int64_t stored_seq(struct slice text);

/* Whether an event was made up to test a trigger. */
bool stored_is_test(struct slice text);
