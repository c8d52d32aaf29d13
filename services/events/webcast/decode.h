/* SPDX-License-Identifier: MIT */
/* One message of TikTok's, by its method's name, to one event of ours. Fields and values that we
 * don't know are passed over; lists are cut at DECODE_LIST_MAX. */
#pragma once

#include "lib/base/arena.h"
#include "lib/base/buffer.h"
#include "services/events/domain/live_event.h"

#define DECODE_LIST_MAX 100
#define DECODE_MAX_BYTES ((size_t)1024 * 1024)        /* of a payload */
#define DECODE_ARENA_BYTES ((size_t)16 * 1024 * 1024) /* enough for any payload */

enum decode_result {
    DECODE_EVENT,
    DECODE_NOTHING, /* well-formed, but of no interest: a moderator's action as a "member" */
    DECODE_UNKNOWN, /* a method that we don't read */
    DECODE_BROKEN
};

/* The event's texts live in the arena. ret_event is set for DECODE_EVENT only. */
MUST_CHECK enum decode_result decode_message(const char *method, struct slice payload,
                                             struct arena *arena, struct live_event *ret_event);
