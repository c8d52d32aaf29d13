/* SPDX-License-Identifier: MIT */
/* What all rooms together may ask of the sign server: so many requests a minute, more at once when
 * there were few before, and none while it has told us to wait. Replicas share that without a word:
 * each supposes that the others ask whenever it does itself. Time is passed in (monotonic ms). */
#pragma once

#include "services/events/webcast/backoff.h"
#include "services/events/webcast/webcast.h"

struct quota {
    struct bucket bucket;
    int64_t paused_until_ms;
    enum webcast_error pause_error;
};

void quota_init(struct quota *quota, unsigned per_minute, unsigned burst, int64_t now_ms);

/* So many replicas share it from now on, this one among them, 1 at first. What the others have left
 * is supposed to be as much as what is left here: when they are gone, it may be used here. */
void quota_share(struct quota *quota, unsigned replicas);

/* How long the sign server told all to wait yet: 0, or ms, and why. */
int64_t quota_pause_left(const struct quota *quota, int64_t now_ms, enum webcast_error *ret_error);

/* Takes one request, while there is no pause: 0, or, with nothing taken, how long to wait for one
 * (ms). */
int64_t quota_take(struct quota *quota, int64_t now_ms);

/* The sign server told one of us to wait: all do. A pause is never shortened. */
void quota_pause(struct quota *quota, int64_t now_ms, int64_t wait_ms, enum webcast_error error);
