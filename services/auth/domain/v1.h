/* SPDX-License-Identifier: MIT */
/* What only the old API knows: keys for trying it out, tokens of its own, addresses of its sockets.
 */
#pragma once

#include "lib/base/arena.h"

#include <stdbool.h>

/* The demo key that text is, as keys are compared: white space around it and case do not count.
 * NULL when it is none. */
const char *v1_demo_key_find(struct arena *arena, const char *text);

/* What is stored of a ws_token: its SHA-256 in hexadecimal. NULL when text has not the form of one.
 */
const char *v1_token_hash(struct arena *arena, const char *text);

/* The address of a token's socket, on the host of server_host ("https://api.example.org", or
 * without the scheme): wss in production, and where the API has TLS. */
const char *v1_socket_url(struct arena *arena, const char *server_host, bool is_production,
                          const char *token);
