/* SPDX-License-Identifier: MIT */
/* Whether a token lets its bearer in now. */
#pragma once

#include "services/gateway/access/tokens.h"
#include "services/gateway/gateway.h"

/* STATUS_UNAUTHENTICATED for no token (NULL), one that is not ours or has expired, and one whose
 * session has ended; STATUS_UNAVAILABLE for a token that may be good, while we do not know yet
 * which sessions have ended. The detail is for the client. */
MUST_CHECK enum status admission_check(const struct gateway *gateway, const char *token,
                                       struct token_claims *ret_claims, const char **ret_detail);
