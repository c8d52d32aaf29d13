/* SPDX-License-Identifier: MIT */
/* One request in the hands of a service: who asks, until when, and what it may use. The first
 * parameter of handlers, of checks that can fail, and of store functions. */
#pragma once

#include "lib/base/arena.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/bus/bus.h"
#include "lib/pg/pg.h"

#include <stdbool.h>
#include <stdint.h>

/* Headers of a request from the gateway, or from another service. Values are ASCII; absent means
 * unknown. */
#define CALL_HEADER_REQUEST_ID "X-Request-Id"
#define CALL_HEADER_TRACEPARENT "traceparent" /* W3C Trace Context, level 1 */
#define CALL_HEADER_DEADLINE "Ttb-Deadline"   /* wall milliseconds; a call past it is dropped */
#define CALL_HEADER_USER "Ttb-User"           /* the signed-in user's uuid */
#define CALL_HEADER_SESSION "Ttb-Session"     /* its uuid; absent for the old backend's tokens */
#define CALL_HEADER_ADDRESS "Ttb-Address"     /* the client's IP address */
#define CALL_HEADER_AGENT "Ttb-Agent"         /* the User-Agent's first 256 printable characters */
#define CALL_HEADER_PLATFORM "Ttb-Platform"   /* "mobile" or "desktop" */
#define CALL_HEADER_CONTENT_TYPE "Content-Type"
#define CALL_HEADER_QUERY "Ttb-Query" /* the query string as it came */
#define CALL_HEADER_PATH "Ttb-Path"   /* the path's parameters as a query string */
#define CALL_HEADER_FORM "Ttb-Form"   /* a multipart form's texts as a query string */
#define CALL_HEADER_FILE "Ttb-File"   /* its file: "field=…&filename=…"; the body is its data */

#define CALL_FORM_MAX_BYTES ((size_t)64 * 1024) /* of Ttb-Form; a longer one is 413 */

struct call_caller {
    const char *user_id; /* NULL: nobody signed in */
    const char *session_id;
    const char *address;
    const char *agent;
    const char *platform;
};

struct call {
    struct arena *arena; /* 40 MiB at most */
    struct buffer *body; /* empty, for a binary reply's data; NULL where the reply is JSON */
    struct pg *db;       /* the worker's connection; NULL in pools without one */
    struct bus *bus;
    const void *app; /* what the service gave its handlers: its config, or a struct of its own */
    struct call_caller caller;
    struct log_scope log;
    const char *traceparent;
    int64_t deadline_ms;
    int64_t now_ms; /* wall time at which the call began: rules take their time from here */

    /* Set by call_fail and kin. */
    const char *error;
    unsigned retry_after_s;       /* 0: no Retry-After */
    struct bus_header headers[4]; /* of the reply */
    size_t header_count;
    bool has_news; /* set by call_announce */
};

/* Records the `detail` that the client will see and gives status back: return call_fail(call,
 * STATUS_CONFLICT, "user exists"); text is borrowed. */
MUST_CHECK enum status call_fail(struct call *call, enum status status, const char *text);

/* The same, with Retry-After. */
MUST_CHECK enum status call_fail_retry(struct call *call, enum status status, const char *text,
                                       unsigned retry_after_s);

/* Adds a header to the reply; both texts are borrowed. At most 4. */
void call_add_header(struct call *call, const char *name, const char *value);

/* Says that the call has written to the outbox: the relay is woken once the call is answered, and
 * need not wait for its next look. */
void call_announce(struct call *call);
