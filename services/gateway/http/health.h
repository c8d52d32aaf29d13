/* SPDX-License-Identifier: MIT */
/* GET /health: whether each service answers, and how soon. */
#pragma once

#include "services/gateway/http/exchange.h"

/* Asks all services at once by $SRV.PING; 503 and "degraded" when one stays silent. */
enum MHD_Result health_answer(struct exchange *exchange);
