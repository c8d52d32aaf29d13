/* SPDX-License-Identifier: MIT */
/* JetStream's streams. Whoever starts first makes what it needs; one that is there stays as it is,
 * whatever an operator has changed in it. */
#pragma once

#include "lib/bus/bus.h"

/* Kept in files. What goes beyond a bound pushes the oldest out. */
struct stream {
    const char *name;
    const char *subjects; /* with wildcards */
    int64_t keep_ms;
    int64_t max_per_subject; /* messages; 0: unbounded */
    int64_t max_bytes;       /* set aside by the server when it makes the stream; 0: unbounded */
};

/* EVT: what services tell each other, as evt.<service>.<what>. */
extern const struct stream stream_events;

/* Makes the stream unless it is there. STATUS_UNAVAILABLE, with a warning in the log, when that
 * can't be done now. */
MUST_CHECK enum status stream_ensure(struct bus *bus, const struct stream *stream);
