/* SPDX-License-Identifier: MIT */
/* One kept connection to the speech server, for one request at a time: libcurl's easy handle, which
 * keeps the TCP and TLS connection for the next request. Certificates are verified, redirects not
 * followed. */
#pragma once

#include "lib/base/buffer.h"

#include <curl/curl.h>
#include <stdatomic.h>

AUTO_DEFINE(struct curl_slist *, curl_slist_free_all)

struct connection_options {
    const char *url;
    const struct curl_slist *headers; /* shared by all connections, and outlives them */
    unsigned timeout_ms;              /* to connect: half of it */
    const atomic_bool *is_stopping;   /* breaks a request off, within a second */
};

enum connection_verdict {
    CONNECTION_AUDIO,
    CONNECTION_TEXT_REFUSED, /* the server is well, but does not speak this text */
    CONNECTION_FAILED,
};

struct connection_result {
    enum connection_verdict verdict;
    const char *reason; /* of a failure; a constant */
    long http;          /* the reply's status; 0 when none came */
};

/* Connects at the first request. Aborts when libcurl has no memory. */
CURL *connection_new(const struct connection_options *options);

/* Sends a body of JSON; limit_ms is for all of it. On CONNECTION_AUDIO, out, which is emptied first
 * and bounds the reply, begins like an audio file. */
struct connection_result connection_post(CURL *connection, struct slice body, unsigned limit_ms,
                                         struct buffer *out);
