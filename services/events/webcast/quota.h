/* SPDX-License-Identifier: MIT */
/* What all rooms together may ask of the sign server: so many requests a minute, and none while it
 * has told us to wait. Time is passed in (monotonic ms). */
#pragma once

#include "services/events/webcast/backoff.h"
#include "services/events/webcast/webcast.h"

struct quota {
    struct bucket bucket;
    int64_t paused_until_ms;
    enum webcast_error pause_error;
};

void quota_init(struct quota *quota, unsigned per_minute, int64_t now_ms);

/* Takes one request: 0, or, with nothing taken, how long to wait (ms). ret_error then says why: the
 * error that the sign server gave to all, or NONE when it is only our own turn that has not come.
 */
int64_t quota_take(struct quota *quota, int64_t now_ms, enum webcast_error *ret_error);

/* The sign server told one of us to wait: all do. A pause is never shortened. */
void quota_pause(struct quota *quota, int64_t now_ms, int64_t wait_ms, enum webcast_error error);
