/* SPDX-License-Identifier: MIT */
/* Who we say we are: TikTok's web player in a desktop browser. What a query says of the browser
 * agrees with the user agent, which is ours unless a sign server has chosen another. */
#pragma once

#include "lib/base/buffer.h"

#define BROWSER_USER_AGENT                                                                         \
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "            \
    "Chrome/138.0.0.0 Safari/537.36"
#define BROWSER_ORIGIN "https://www.tiktok.com"
#define BROWSER_QUERY_MAX 8192

/* Appends key=value to a URL, percent-encoded, after ? or & as needed. */
void browser_add(struct buffer *url, const char *key, const char *value);

/* The parameters that every request to TikTok's API carries. */
void browser_add_defaults(struct buffer *url, const char *user_agent);

/* Those that the socket wants. */
void browser_add_socket_defaults(struct buffer *url, const char *user_agent);
