/* SPDX-License-Identifier: MIT */
#include "services/gateway/access/admission.h"

#include "lib/base/clock.h"

static enum status fail(enum status status, const char *detail, const char **ret_detail)
{
    *ret_detail = detail;
    return status;
}

enum status admission_check(const struct gateway *gateway, const char *token,
                            struct token_claims *ret_claims, const char **ret_detail)
{
    struct token_claims claims;
    int64_t now_s = clock_wall_ms() / 1000;
    if (!token)
        return fail(STATUS_UNAUTHENTICATED, "missing bearer token", ret_detail);
    if (!tokens_check(&gateway->token_keys, token, now_s, &claims))
        return fail(STATUS_UNAUTHENTICATED, "invalid token", ret_detail);
    if (!ended_is_known(gateway->ended))
        return fail(STATUS_UNAVAILABLE, status_text(STATUS_UNAVAILABLE), ret_detail);
    if (ended_contains(gateway->ended, &claims, now_s))
        return fail(STATUS_UNAUTHENTICATED, "invalid token", ret_detail);
    *ret_claims = claims;
    return STATUS_OK;
}
