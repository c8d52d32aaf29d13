/* SPDX-License-Identifier: MIT */
/* The WebSocket side of the gateway: one thread, which alone touches sockets and rooms. */
#pragma once

#include "services/gateway/gateway.h"

struct ws;

/* Listens. STATUS_CONFLICT when the port is taken or the host is no address of this machine,
 * STATUS_UNAVAILABLE when NATS is away. */
MUST_CHECK enum status ws_start(struct gateway *gateway, struct ws **ret_ws);

/* Closes the sockets whose sessions have ended. From any thread. */
void ws_close_ended(struct ws *ws);

/* Closes all sockets with 1001, spread over WS_DRAIN_MS, while handshakes are refused with 503;
 * waits for the clients briefly, until by_ms (monotonic) at the latest, and ends the thread. */
void ws_stop(struct ws *ws, int64_t by_ms);

/* After upstream_stop, which ends the requests that sockets still await. Takes NULL. */
void ws_free(struct ws *ws);
