/* SPDX-License-Identifier: MIT */
/* Access tokens: JWT (RFC 7519), HS256, header {"alg":"HS256","typ":"JWT"}, claims sub, sid, iat,
 * exp. */
#pragma once

#include "lib/base/arena.h"

#include <stdint.h>

/* Signs a token for a user's session; times in seconds since 1970. */
const char *token_make(struct arena *arena, const char *secret, const char *user_id,
                       const char *session_id, int64_t issued_s, int64_t expires_s);
