/* SPDX-License-Identifier: MIT */
#include "services/gateway/http/authorize.h"

#include "services/gateway/access/admission.h"

static void refuse(struct exchange *exchange, enum status status, const char *detail)
{
    exchange->refusal_status = status_http(status);
    exchange->refusal_detail = detail;
}

static void require_token(struct exchange *exchange)
{
    const char *token = tokens_from_header(exchange_header(exchange, "Authorization"));
    const char *detail = NULL;
    enum status status =
        admission_check(exchange->context->gateway, token, &exchange->claims, &detail);
    if (status != STATUS_OK)
        refuse(exchange, status, detail);
}

static void require_key(struct exchange *exchange, const struct key *key, const char *header)
{
    if (!key_fits(key, exchange_header(exchange, header)))
        refuse(exchange, STATUS_UNAUTHENTICATED, "unauthorized");
}

void authorize(struct exchange *exchange)
{
    const struct gateway *gateway = exchange->context->gateway;
    switch (exchange->route->auth) {
    case ROUTE_AUTH_NONE:
    case ROUTE_AUTH_WS_TOKEN: /* in the body or the path: the service reads it */
        return;
    case ROUTE_AUTH_OPTIONAL_USER:
        if (exchange_header(exchange, "Authorization"))
            require_token(exchange);
        return;
    case ROUTE_AUTH_USER:
    case ROUTE_AUTH_STAFF:
        require_token(exchange);
        return;
    case ROUTE_AUTH_ADMIN_KEY:
        require_key(exchange, &gateway->admin_key, "Admin-Api-Key");
        return;
    case ROUTE_AUTH_WEB_KEY:
        require_key(exchange, &gateway->web_key, "Web-Api-Key");
        return;
    }
}
