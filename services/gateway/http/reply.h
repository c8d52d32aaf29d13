/* SPDX-License-Identifier: MIT */
/* Replies of the gateway. Each carries the request's id, the security headers, where a limit
 * counts the request how much of it is left, and CORS headers where the page that asks may. */
#pragma once

#include "services/gateway/http/exchange.h"

struct reply_header {
    const char *name;
    const char *value; /* NULL: left out */
};

/* Queues response, which it takes, after adding the headers of every reply. */
enum MHD_Result reply_send(struct exchange *exchange, int status, struct MHD_Response *response,
                           const struct reply_header *headers, size_t count);

/* JSON that is copied; with Retry-After for 503. */
enum MHD_Result reply_json(struct exchange *exchange, int status, struct slice body);

/* The same of {"detail":"…"}, with WWW-Authenticate for 401 of a missing or bad token, and
 * Allow for 405. */
enum MHD_Result reply_error(struct exchange *exchange, int status, const char *detail);

/* The answer to a browser that asks whether a page may send a request. */
enum MHD_Result reply_preflight(struct exchange *exchange);

/* Whether the request is such a question. */
bool reply_is_preflight(const struct exchange *exchange);
