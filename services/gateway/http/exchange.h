/* SPDX-License-Identifier: MIT */
/* One HTTP request and its reply, from the request line to the log line. Belongs to the thread of
 * its connection, but for the time between exchange_suspend and exchange_resume, when it is the
 * answerer's. */
#pragma once

#include "services/gateway/access/client.h"
#include "services/gateway/access/limits.h"
#include "services/gateway/access/tokens.h"
#include "services/gateway/gateway.h"
#include "services/gateway/http/form.h"
#include "services/gateway/http/route.h"
#include "services/gateway/trace.h"

#include <microhttpd.h>

struct exchange;
struct route_counts;
struct router;

/* What the exchanges share. */
struct exchange_context {
    struct gateway *gateway;
    const struct router *router;
    atomic_bool draining;       /* connections close after their reply */
    struct metric *requests[5]; /* by class, 1xx to 5xx */
    struct route_counts *route_counts;
    struct metric *latency;
    struct metric *in_flight;
};

enum exchange_stage {
    EXCHANGE_HEADERS,   /* nothing is decided */
    EXCHANGE_BODY,      /* the body is coming in */
    EXCHANGE_SUSPENDED, /* a service has it */
    EXCHANGE_ANSWERED,  /* resumed; answer is to be called */
};

struct exchange {
    struct exchange_context *context;
    struct MHD_Connection *connection;
    char *target; /* path and query as they came */
    const char *method;
    enum exchange_stage stage;
    struct trace trace;
    char address[CLIENT_ADDRESS_SIZE]; /* the client's */
    struct token_claims claims;
    const struct route *route;
    struct limits_verdict limits;

    /* Why the request goes no further, once its body is read; http status 0: it does. */
    int refusal_status;
    const char *refusal_detail;

    struct body body;  /* of a request that is no form */
    struct form *form; /* of one that is; NULL when it came without one */
    size_t received_bytes;
    size_t dropped_bytes;
    int64_t started_ns;
    int reply_status; /* for the log */

    /* Builds the reply after the connection was resumed. */
    enum MHD_Result (*answer)(struct exchange *exchange);
    int upstream_status;
    natsMsg *upstream_reply;
    struct body *upstream_joined; /* the reply's body when it came in parts, else NULL */
    void *answer_data;            /* of whoever suspended; answer frees it */
};

struct exchange *exchange_new(struct exchange_context *context, struct MHD_Connection *connection,
                              const char *target);

const char *exchange_header(const struct exchange *exchange, const char *name);

/* Fills in address: the peer's, or whom trusted proxies name in X-Forwarded-For. */
void exchange_find_address(struct exchange *exchange);

/* Between these two the connection waits and costs no thread; answer runs in the connection's
 * thread afterwards. Suspend comes first, then whatever leads to the resume, which may be another
 * thread's doing and is the last that it does with the exchange. */
void exchange_suspend(struct exchange *exchange, enum MHD_Result (*answer)(struct exchange *));
void exchange_resume(struct exchange *exchange);

/* Gives the memory of the request's body back. */
void exchange_drop_body(struct exchange *exchange);

/* Writes the log line and counts. */
void exchange_free(struct exchange *exchange);
