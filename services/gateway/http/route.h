/* SPDX-License-Identifier: MIT */
/* The routes that the gateway serves from the other services: a table that tools/protogen makes
 * from proto/. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum route_auth {
    ROUTE_AUTH_NONE,
    ROUTE_AUTH_USER,
    ROUTE_AUTH_OPTIONAL_USER,
    ROUTE_AUTH_STAFF,
    ROUTE_AUTH_ADMIN_KEY,
    ROUTE_AUTH_WEB_KEY,
    ROUTE_AUTH_WS_TOKEN,
};

struct route {
    const char *method;
    const char *path; /* "/v2/auth/sessions/{id}": a segment in braces takes any one segment */
    const char *subject;
    enum route_auth auth;
    const char *rate;      /* the class of its rate limit */
    size_t body_max_bytes; /* larger bodies are refused with 413 */
    unsigned timeout_ms;   /* the deadline; past it the answer is 504 */
};

extern const struct route routes[];
extern const size_t routes_count;
