/* SPDX-License-Identifier: MIT */
#include "services/gateway/access/tokens.h"

#include "lib/base/text.h"

#include <errno.h>
#include <jwt.h>

AUTO_DEFINE(jwt_t *, jwt_free)

/* {"alg":"HS256","typ":"JWT"} and its dot. Nothing else is ever signed by us, so an attacker's
 * choice of algorithm ends here, before a library has read it. */
#define HEADER "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
#define SCHEME "Bearer "
#define STRONG_KEY_BYTES 32 /* of HS256: RFC 7518, 3.2 */

const char *tokens_from_header(const char *authorization)
{
    if (!authorization || strncasecmp(authorization, SCHEME, strlen(SCHEME)) != 0)
        return NULL;
    const char *token = authorization + strlen(SCHEME);
    token += strspn(token, " ");
    return *token ? token : NULL;
}

static void validate_strength(const char *variable, const char *key, struct buffer *problems)
{
    if (strlen(key) < STRONG_KEY_BYTES)
        buffer_printf(problems, "%s: shorter than %d bytes, with ENV=prod\n", variable,
                      STRONG_KEY_BYTES);
}

void tokens_validate_keys(const struct token_keys *keys, bool is_production,
                          struct buffer *problems)
{
    if (is_production)
        validate_strength("JWT_SECRET", keys->current, problems);
    if (is_production && *keys->previous)
        validate_strength("JWT_SECRET_PREVIOUS", keys->previous, problems);
    if (text_equal(keys->previous, keys->current))
        buffer_add_text(problems, "JWT_SECRET_PREVIOUS: the same as JWT_SECRET; it is for the "
                                  "secret before that one\n");
}

/* libjwt takes no key for "do not verify": an empty secret must not get there. It compares
 * signatures in constant time. */
static jwt_t *decode(const char *secret, const char *token)
{
    jwt_t *jwt = NULL;
    if (!*secret || !text_starts_with(token, HEADER) ||
        strnlen(token, TOKEN_MAX_BYTES + 1) > TOKEN_MAX_BYTES)
        return NULL;
    if (jwt_decode(&jwt, token, (const unsigned char *)secret, (int)strlen(secret)) != 0)
        return NULL;
    return jwt;
}

/* A missing `exp`, or one that is no integer, reads as 0 and so has passed. */
static bool has_expired(jwt_t *jwt, int64_t now_s)
{
    errno = 0;
    int64_t expires_s = jwt_get_grant_int(jwt, "exp");
    return errno != 0 || expires_s <= now_s;
}

/* One that is no integer reads as 0, the earliest time. */
static int64_t issued_at(jwt_t *jwt)
{
    int64_t issued_s = jwt_get_grant_int(jwt, "iat");
    return issued_s > 0 ? issued_s : 0;
}

static bool read_session(jwt_t *jwt, struct uuid *ret_session_id)
{
    const char *session_id = jwt_get_grant(jwt, "sid");
    if (session_id)
        return uuid_parse(session_id, ret_session_id);
    ret_session_id->text[0] = '\0';
    /* A claim that is there but is no text is no session that we have made. */
    AUTO(free) void *other = jwt_get_grants_json(jwt, "sid");
    return !other;
}

bool tokens_check(const struct token_keys *keys, const char *token, int64_t now_s,
                  struct token_claims *ret_claims)
{
    struct token_claims claims;
    AUTO(jwt_free) jwt_t *jwt = decode(keys->current, token);
    if (!jwt)
        jwt = decode(keys->previous, token);
    if (!jwt || jwt_get_alg(jwt) != JWT_ALG_HS256)
        return false;
    const char *user_id = jwt_get_grant(jwt, "sub");
    if (!user_id || !uuid_parse(user_id, &claims.user_id) ||
        !read_session(jwt, &claims.session_id) || has_expired(jwt, now_s))
        return false;
    claims.issued_s = issued_at(jwt);
    *ret_claims = claims;
    return true;
}
