/* SPDX-License-Identifier: MIT */
/* What a request is recognised by, from the edge to the last service: its id and its place in a
 * trace (W3C Trace Context, level 1). */
#pragma once

#include "lib/base/log.h"

#define TRACE_REQUEST_ID_MAX 64
#define TRACE_PARENT_SIZE 56 /* "00-<32 hex>-<16 hex>-<2 hex>" and its NUL */

struct trace {
    char request_id[TRACE_REQUEST_ID_MAX + 1];
    char trace_id[33];
    char traceparent[TRACE_PARENT_SIZE];
};

/* Keeps the client's request id when it is 1 to 64 characters of [A-Za-z0-9._-], and goes on with
 * its trace, as a new span, when traceparent is valid; makes fresh ones otherwise. Both may be
 * NULL. A trace is sampled when its caller says so, and a fresh one is not. */
void trace_begin(struct trace *trace, const char *request_id, const char *traceparent);

/* For log lines; borrows from trace. */
struct log_scope trace_scope(const struct trace *trace);
