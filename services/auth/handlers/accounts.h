/* SPDX-License-Identifier: MIT */
/* Steps that several handlers share: checking credentials, making an account, opening a session. */
#pragma once

#include "services/auth/store/users.h"

/* What a client sent, once its form is right. */
struct credentials {
    const char *username; /* folded */
    const char *password;
};

/* 400 `invalid username` or `invalid password`. */
MUST_CHECK enum status credentials_check(struct call *call, const char *username,
                                         const char *password, struct credentials *ret_credentials);

/* The user whose name and password these are; every attempt is counted (ARCHITECTURE.md, "Wrong
 * passwords"). A name of NULL is one that nobody can have.
 * 429 while attempts are held back. 401 `invalid credentials`, at the same cost for an unknown name
 * as for a wrong password. 403 `user banned`.
 * The password that fits confirms the account, makes the client's address one of the user's own,
 * and replaces a hash that is weaker than today's.
 * STATUS_NOT_FOUND when the redemption that had made the account took it back meanwhile: the name
 * is free again (ADR 7). */
MUST_CHECK enum status credentials_verify(struct call *call, const struct credentials *credentials,
                                          struct user *ret_user);

/* The hash to store of a password. */
const char *password_hash_now(struct call *call, const char *password);

/* Makes the account; one that a redemption makes is not confirmed yet. STATUS_CONFLICT, `user
 * exists`, when the name is taken. */
MUST_CHECK enum status account_make(struct call *call, const struct credentials *credentials,
                                    bool is_confirmed, const char **ret_user_id);

/* Opens a session, and gives the token for it. 401 `invalid credentials` when the user is gone
 * meanwhile, or has another password than the one that was checked against password_hash (NULL:
 * none was). */
MUST_CHECK enum status session_open(struct call *call, const char *user_id,
                                    const char *password_hash, const char **ret_token);
