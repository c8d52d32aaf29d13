/* SPDX-License-Identifier: MIT */
/* Whether a request may go on to its service, as its route's x-auth says. */
#pragma once

#include "services/gateway/http/exchange.h"

/* Fills in the exchange's claims where a token was shown, or its refusal. A staff route needs a
 * token here; the role is the service's to check, for tokens don't carry it. */
void authorize(struct exchange *exchange);
