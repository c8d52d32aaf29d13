/* SPDX-License-Identifier: MIT */
/* Passes a request on to its service and the service's reply back to the client. */
#pragma once

#include "services/gateway/http/exchange.h"

/* Suspends the connection until the reply, or the route's deadline. */
enum MHD_Result forward(struct exchange *exchange);
