/* SPDX-License-Identifier: MIT */
#include "services/gateway/http/limit.h"

#include "lib/base/clock.h"
#include "services/gateway/access/limits_client.h"

void limit(struct exchange *exchange)
{
    enum route_rate rate = exchange->route ? exchange->route->rate : ROUTE_RATE_OTHER;
    struct limits_key key = limits_client_key(&exchange->claims, exchange->address);
    exchange->limits = limits_take(exchange->context->gateway->limits, rate, &key, clock_mono_ns());
    if (!exchange->limits.is_refused)
        return;
    exchange->refusal_status = status_http(STATUS_TOO_MANY);
    exchange->refusal_detail = status_text(STATUS_TOO_MANY);
}
