/* SPDX-License-Identifier: MIT */
/* The HTTP side of the gateway: a few epoll threads that look the route up, bound the body, check
 * who asks, pass the request on to its service, and suspend the connection until the answer is
 * there. No thread waits for a service. */
#pragma once

#include "services/gateway/gateway.h"

struct http;

/* Listens. STATUS_BAD_REQUEST for a host that is no address, STATUS_CONFLICT when the port is
 * taken.
 */
MUST_CHECK enum status http_start(struct gateway *gateway, struct http **ret_http);

/* Serves on for DRAIN_MS, closing connections after their answer, then accepts no more and waits
 * for the requests in hand, until the monotonic clock reads until_ms. */
void http_drain(struct http *http, int64_t until_ms);

/* After upstream_stop, which ends the requests that are still pending. Takes NULL. */
void http_stop(struct http *http);
