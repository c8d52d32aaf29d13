/* SPDX-License-Identifier: MIT */
/* What the client counts, over all rooms. */
#pragma once

#include "lib/base/metrics.h"
#include "services/events/webcast/webcast.h"

struct counters {
    struct metric *frames;
    struct metric *bad_frames;
    struct metric *bad_messages;
    struct metric *unknown_messages;
    struct metric *history;
    struct metric *duplicates;
    struct metric *reconnects;
    struct metric *connected;
    struct metric *early_acks;
    struct metric *sign_remaining;
    struct metric *sign_waiting;
    struct metric *events[LIVE_EVENT_TYPES];
    struct metric *lookups[WEBCAST_ERRORS];
    struct metric *signs[WEBCAST_ERRORS];
};

/* In place. metrics may be NULL: nothing is counted. */
void counters_init(struct counters *counters, struct metrics *metrics);
