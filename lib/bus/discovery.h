/* SPDX-License-Identifier: MIT */
/* What `nats micro` asks every service (NATS ADR-32): $SRV.PING, $SRV.INFO and $SRV.STATS, each
 * also with .<name> and .<name>.<id> at its end. Internal to lib/bus. */
#pragma once

#include "lib/base/status.h"
#include "lib/bus/bus.h"

#include <stddef.h>
#include <stdint.h>

/* An endpoint as it is shown; the dispatcher counts. */
struct discovery_endpoint {
    const char *name;
    const char *subject;
    const char *queue; /* group; NULL: none */
    _Atomic int64_t requests;
    _Atomic int64_t errors;
    _Atomic int64_t processing_ns; /* in the handler, without the time in the queue */
    _Atomic int last_error;        /* an HTTP status; 0: none yet */
};

struct discovery_options {
    struct bus *bus;
    const char *service; /* name */
    const char *version;
    const char *description;
    const struct discovery_endpoint *endpoints;
    size_t count;
};

struct discovery;

/* Subscribes. What options points to is borrowed until discovery_stop. */
MUST_CHECK enum status discovery_start(const struct discovery_options *options,
                                       struct discovery **ret_discovery);

/* Takes NULL. */
void discovery_stop(struct discovery *discovery);
