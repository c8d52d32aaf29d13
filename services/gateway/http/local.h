/* SPDX-License-Identifier: MIT */
/* The endpoints that the gateway answers itself: /, /health, /status, /docs and /openapi.json. */
#pragma once

#include "services/gateway/http/exchange.h"
#include "services/gateway/http/router.h"

/* Their routes have no subject. */
void local_add_routes(struct router *router);

enum MHD_Result local_answer(struct exchange *exchange);
