/* SPDX-License-Identifier: MIT */
#include "services/auth/domain/token.h"

#include <assert.h>
#include <jwt.h>

AUTO_DEFINE(jwt_t *, jwt_free)

const char *token_make(struct arena *arena, const char *secret, const char *user_id,
                       const char *session_id, int64_t issued_s, int64_t expires_s)
{
    AUTO(jwt_free) jwt_t *jwt = NULL;
    int failed = jwt_new(&jwt);
    assert(failed == 0);
    failed |= jwt_set_alg(jwt, JWT_ALG_HS256, (const unsigned char *)secret, (int)strlen(secret));
    failed |= jwt_add_grant(jwt, "sub", user_id);
    failed |= jwt_add_grant(jwt, "sid", session_id);
    failed |= jwt_add_grant_int(jwt, "iat", (long)issued_s);
    failed |= jwt_add_grant_int(jwt, "exp", (long)expires_s);
    assert(failed == 0);

    char *text = jwt_encode_str(jwt);
    assert(text);
    const char *token = arena_text(arena, text);
    free(text);
    return token;
}
