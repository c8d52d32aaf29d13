/* SPDX-License-Identifier: MIT */
/* The end: sockets are closed with 1001, evenly over WS_DRAIN_MS, so that their clients do not come
 * back all at once; handshakes are refused meanwhile. */
#pragma once

#include "services/gateway/ws/state.h"

/* ws->drain.end_ms is set: all is to be over by then. */
void drain_begin(struct ws *ws);

/* Whether all sockets are gone, or nobody waits for them any longer. */
bool drain_is_over(const struct ws *ws);
