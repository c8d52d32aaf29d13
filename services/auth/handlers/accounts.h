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

/* The user whose name and password these are. 401 `invalid credentials`, at the same cost for an
 * unknown name as for a wrong password. A hash that is weaker than today's is replaced. 403 `user
 * banned`. */
MUST_CHECK enum status credentials_verify(struct call *call, const struct credentials *credentials,
                                          struct user *ret_user);

/* Whether user, if there is one, has this password; the rest is as above. */
MUST_CHECK enum status password_verify(struct call *call, const char *password,
                                       const struct user *user);

/* Makes the account. STATUS_CONFLICT, `user exists`, when the name is taken. */
MUST_CHECK enum status account_make(struct call *call, const struct credentials *credentials,
                                    const char **ret_user_id);

/* Opens a session, and gives the token for it. */
MUST_CHECK enum status session_open(struct call *call, const char *user_id, const char **ret_token);
