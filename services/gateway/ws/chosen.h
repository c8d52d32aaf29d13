/* SPDX-License-Identifier: MIT */
/* What users choose to watch over HTTP: the events service tells all gateways, whose sockets then
 * follow it. */
#pragma once

#include "services/gateway/ws/state.h"

/* From now on, with ws->news. STATUS_UNAVAILABLE when the bus is away. */
MUST_CHECK enum status chosen_listen(struct ws *ws);
