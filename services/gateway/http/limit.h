/* SPDX-License-Identifier: MIT */
/* The rate limit of a request's route: of its user, or of its address where it showed no good
 * token. What has no route counts as "other", and so do the gateway's own pages. */
#pragma once

#include "services/gateway/http/exchange.h"

/* Counts the request, whatever authorize said of it, and refuses it when there were too many. */
void limit(struct exchange *exchange);
