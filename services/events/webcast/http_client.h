/* SPDX-License-Identifier: MIT */
/* GET over HTTP and HTTPS, as a browser, for one thread each: it blocks. Certificates are verified,
 * redirects are not followed, replies are bounded. */
#pragma once

#include "lib/base/arena.h"
#include "lib/base/buffer.h"

#include <stdatomic.h>
#include <stdbool.h>

#define HTTP_TIMEOUT_MS 10000
#define HTTP_HEADERS_MAX 64

struct http_header {
    const char *name;
    const char *value;
};

struct http_reply {
    long status;         /* 0: none came, failure says why */
    const char *failure; /* NULL when a reply came */
    struct slice body;   /* NUL-terminated, decoded */
    struct http_header headers[HTTP_HEADERS_MAX];
    size_t header_count;
};

struct http_client;

/* A request that is underway when *stopping becomes true is given up. ca_file: certificates of
 * those who are trusted besides the system's; "" for none. */
struct http_client *http_client_new(const atomic_bool *stopping, const char *ca_file);

/* Who asks, until told otherwise; borrowed. At first it is BROWSER_USER_AGENT. */
void http_client_set_user_agent(struct http_client *client, const char *user_agent);
const char *http_client_user_agent(const struct http_client *client);

/* headers are lines like "x-api-key: secret", ended by NULL. The reply lives in the arena. */
void http_get(struct http_client *client, const char *url, const char *const *headers,
              size_t max_bytes, struct arena *arena, struct http_reply *ret_reply);

/* The value of the first header of that name, case ignored; "" when absent. */
const char *http_header(const struct http_reply *reply, const char *name);

void http_client_free(struct http_client *client);
