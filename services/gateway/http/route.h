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

/* The classes of rate limits. */
enum route_rate {
    ROUTE_RATE_LOGIN,   /* asks for a password, or answers guesses of one */
    ROUTE_RATE_LICENSE, /* answers guesses of a key */
    ROUTE_RATE_SPEECH,
    ROUTE_RATE_LIVE, /* has another live looked up at TikTok: of a command on a socket, no route */
    ROUTE_RATE_OTHER,
};

#define ROUTE_RATES (ROUTE_RATE_OTHER + 1)

struct route {
    const char *method;
    const char *path; /* "/v2/auth/sessions/{id}": a segment in braces takes any one segment */
    const char *subject;
    enum route_auth auth;
    enum route_rate rate;
    size_t body_max_bytes; /* larger bodies are refused with 413 */
    unsigned timeout_ms;   /* the deadline; past it the answer is 504 */
    bool is_form;          /* the body is a multipart form, its bound counted over all its parts */
};

extern const struct route routes[];
extern const size_t routes_count;
