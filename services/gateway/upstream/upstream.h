/* SPDX-License-Identifier: MIT */
/* Requests to the services that no thread waits for: a request is published with an inbox of its
 * own, `_INBOX.gateway.<bus id>.<ticket>`, and a function is called when it has ended. Every
 * request ends, at its deadline at the latest, also when NATS goes away. */
#pragma once

#include "lib/base/buffer.h"
#include "lib/bus/bus.h"
#include "services/gateway/body.h"
#include "services/gateway/upstream/pending.h"

struct upstream;

struct upstream_request {
    const char *subject;
    const struct bus_header *headers;
    size_t header_count;
    struct slice body;
    unsigned timeout_ms; /* also told to the service, as Ttb-Deadline; parts do not extend it */
    bool takes_parts;    /* else a reply in parts (lib/bus/reply.h) is a 500 */
};

struct upstream_options {
    struct bus *bus;
    unsigned max_pending;  /* requests that may await their answers */
    struct bodies *bodies; /* where parts are counted */
    struct metrics *metrics;
};

MUST_CHECK enum status upstream_start(const struct upstream_options *options,
                                      struct upstream **ret_upstream);

/* Sends request, which is not needed afterwards, and calls done exactly once, from any thread,
 * maybe before this returns: with the service's reply and its HTTP status, and when it came in
 * parts with all of its body, else with joined NULL; done then owns both. Or with no reply and 503
 * (nobody serves the subject, NATS is down, too many pending, stopping; parts that were lost, or
 * for which there is no memory) or 504 (deadline passed). */
void upstream_send(struct upstream *upstream, const struct upstream_request *request,
                   upstream_fn done, void *closure);

/* Ends what is pending with 503, and refuses new requests with it. Afterwards no done function runs
 * but inside upstream_send. */
void upstream_stop(struct upstream *upstream);

/* Takes NULL. */
void upstream_free(struct upstream *upstream);
