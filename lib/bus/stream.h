/* SPDX-License-Identifier: MIT */
/* JetStream's streams. Whoever starts first makes what it needs; one that is there stays as it is,
 * whatever an operator has changed in it, but for the time that it knows duplicates: what is
 * published counts on that. */
#pragma once

#include "lib/bus/bus.h"

/* Kept in files. What goes beyond a bound pushes the oldest out. */
struct stream {
    const char *name;
    const char *subjects; /* with wildcards */
    int64_t keep_ms;
    int64_t max_per_subject; /* messages; 0: unbounded */
    int64_t max_bytes;       /* set aside by the server when it makes the stream; 0: unbounded */
    int64_t duplicates_ms;   /* how long a Nats-Msg-Id is remembered at least, no longer than
                                keep_ms; 0: two minutes. It costs the server about 300 bytes an id */
};

/* EVT: what services tell each other, as evt.<service>.<what>. */
extern const struct stream stream_events;

/* Makes the stream, or sees to the one that is there. STATUS_UNAVAILABLE, with a warning in the
 * log, when that can't be done now. */
MUST_CHECK enum status stream_ensure(struct bus *bus, const struct stream *stream);
