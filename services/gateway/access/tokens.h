/* SPDX-License-Identifier: MIT */
/* Access tokens: JWTs that auth signs and everyone with the secret can check, so that a request
 * needs no round trip to know its user. */
#pragma once

#include "lib/base/buffer.h"
#include "lib/base/uuid.h"

#include <stdbool.h>
#include <stdint.h>

#define TOKEN_MAX_BYTES 4096

/* The secrets that a token may be signed with. Borrowed. */
struct token_keys {
    const char *current;
    const char *previous; /* the one before, while tokens of it are about; "": none */
};

/* Whom a token speaks for. A text of "" means none. */
struct token_claims {
    struct uuid user_id;
    struct uuid session_id; /* none in the old backend's tokens */
    int64_t issued_s;       /* `iat`; 0 when it does not say */
};

/* The token of an Authorization header of the Bearer scheme, inside the header; NULL when there is
 * none. */
const char *tokens_from_header(const char *authorization);

/* Appends a line for each rule that JWT_SECRET and JWT_SECRET_PREVIOUS break: in production both
 * are strong; they differ always. Shows neither. */
void tokens_validate_keys(const struct token_keys *keys, bool is_production,
                          struct buffer *problems);

/* False unless the header says HS256 and JWT, the signature is that of either key, `exp` is later
 * than now_s and the ids are UUIDs. An empty key has signed nothing. */
MUST_CHECK bool tokens_check(const struct token_keys *keys, const char *token, int64_t now_s,
                             struct token_claims *ret_claims);
