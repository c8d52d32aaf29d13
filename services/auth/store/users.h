/* SPDX-License-Identifier: MIT */
/* Users and their password hashes. Usernames are given folded. */
#pragma once

#include "lib/api/call.h"

struct user {
    const char *id;
    const char *username;      /* NULL: an account of the old API, */
    const char *password_hash; /* which has no password either */
    const char *role;
    bool is_banned;
    bool is_confirmed; /* false: made by a redemption, and its password not used since */
};

/* The columns of auth.users as users_read expects them. */
#define USERS_COLUMNS                                                                              \
    "  users.id,\n"                                                                                \
    "  users.username,\n"                                                                          \
    "  users.password_hash,\n"                                                                     \
    "  users.role,\n"                                                                              \
    "  users.is_banned,\n"                                                                         \
    "  users.is_confirmed"

struct user users_read(struct call *call, const PGresult *rows, int row);

MUST_CHECK enum status users_find(struct call *call, const char *id, struct user *ret_user);
MUST_CHECK enum status users_find_by_name(struct call *call, const char *username,
                                          struct user *ret_user);

/* Adds a user, with default settings. STATUS_CONFLICT when the name is taken. */
MUST_CHECK enum status users_insert(struct call *call, const char *id, const char *username,
                                    const char *password_hash, bool is_confirmed);

/* Takes a user back that nobody has signed in as since it was made unconfirmed. STATUS_NOT_FOUND
 * when somebody has. */
MUST_CHECK enum status users_take_back(struct call *call, const char *id);

/* STATUS_NOT_FOUND when the user was taken back meanwhile. */
MUST_CHECK enum status users_confirm(struct call *call, const char *id);

/* Replaces the hash. STATUS_NOT_FOUND when it is no longer old_hash, or the user is gone. */
MUST_CHECK enum status users_update_hash(struct call *call, const char *id, const char *old_hash,
                                         const char *new_hash);

/* Gives the user as it was read another name, hash, or both (NULL: stays), and ends its sessions
 * but for the caller's. STATUS_CONFLICT when the name is taken, STATUS_NOT_FOUND when somebody else
 * changed the name or hash since. token_ttl_s as in sessions.h. */
MUST_CHECK enum status users_change(struct call *call, const struct user *user,
                                    const char *new_username, const char *new_hash,
                                    int64_t token_ttl_s);

/* Removes all that auth holds of the user, ends the sessions, and tells the other services.
 * STATUS_NOT_FOUND when somebody else did. */
MUST_CHECK enum status users_delete(struct call *call, const struct user *user,
                                    int64_t token_ttl_s);

/* For who has just told another service something of the user: if the user was deleted meanwhile,
 * tells the deletion again, lest something stays there. 401 `user not found` then. */
MUST_CHECK enum status users_tell_if_gone(struct call *call, const char *id);

/* ---- for the operator; STATUS_NOT_FOUND when nobody has the name ---- */

MUST_CHECK enum status users_set_role(struct call *call, const char *username, const char *role);

/* Banning ends the user's sessions, too. */
MUST_CHECK enum status users_ban(struct call *call, const char *username, int64_t token_ttl_s);
MUST_CHECK enum status users_unban(struct call *call, const char *username);
