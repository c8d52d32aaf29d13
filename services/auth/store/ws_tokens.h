/* SPDX-License-Identifier: MIT */
/* Tokens of the old API, stored as their hashes (v1_token_hash). A user keeps the 20 newest. */
#pragma once

#include "lib/api/call.h"

/* Adds a token that lives hours from now, and drops what the user has had too many or too long.
 * STATUS_NOT_FOUND when the user is banned or gone. */
MUST_CHECK enum status ws_tokens_insert(struct call *call, const char *user_id, const char *hash,
                                        unsigned hours, const char **ret_expires_at);

/* Whose token it is. STATUS_NOT_FOUND for an unknown or expired one, and a banned user's. */
MUST_CHECK enum status ws_tokens_find(struct call *call, const char *hash,
                                      const char **ret_user_id);

/* What a socket must know of its token. */
struct ws_token {
    const char *user_id;
    const char *tiktok_username; /* that is set, or else the user's name; NULL: neither */
    bool is_demo;                /* the account of a demo key */
    int64_t expires_in_ms;
};

/* As ws_tokens_find. */
MUST_CHECK enum status ws_tokens_find_user(struct call *call, const char *hash,
                                           struct ws_token *ret_token);
