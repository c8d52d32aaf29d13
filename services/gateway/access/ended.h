/* SPDX-License-Identifier: MIT */
/* Which tokens are good no more although they have not expired: those of ended sessions, and those
 * that a user was given before a moment. One thread tells, any thread asks.
 *
 * Memory is bounded without a maximum: an entry is forgotten when the tokens that it refuses have
 * expired, so there are at most as many sessions here as sign-ins in one token's life, of which
 * each has cost a hash, and at most one moment a user. */
#pragma once

#include "services/gateway/access/tokens.h"

struct ended;

struct ended *ended_new(void);

/* ---- telling ---- */

/* Both say whether that is news. Ids are lower-case UUIDs; times are in seconds since 1970, and the
 * entry may be forgotten at expires_s. */
bool ended_add_session(struct ended *ended, const char *session_id, int64_t expires_s,
                       int64_t now_s);

/* The user's tokens issued before a moment, but for those of the session except (NULL: none). It
 * takes the place of what was said of the user before. */
bool ended_add_cutoff(struct ended *ended, const char *user_id, int64_t issued_before_s,
                      const char *except, int64_t expires_s, int64_t now_s);

/* All that there is has been told once. */
void ended_set_known(struct ended *ended);

/* ---- asking ---- */

/* Until this is so, ended_contains misses some. */
bool ended_is_known(const struct ended *ended);

bool ended_contains(struct ended *ended, const struct token_claims *claims, int64_t now_s);

/* Takes NULL. */
void ended_free(struct ended *ended);
