/* SPDX-License-Identifier: MIT */
/* Accounts of the old API: users with neither name nor password, known by a licence key or a demo
 * key. */
#pragma once

#include "gen/auth/messages.h"
#include "lib/api/call.h"

/* Gives one its name and password. STATUS_NOT_FOUND when it has them already, is banned, or is
 * gone, STATUS_CONFLICT when the name is taken. */
MUST_CHECK enum status v1_accounts_name(struct call *call, const char *id, const char *username,
                                        const char *password_hash);

/* The one account of a demo key; id is for the case that it must be made. */
MUST_CHECK enum status v1_accounts_of_demo_key(struct call *call, const char *demo_key,
                                               const char *id, const char **ret_id);

/* What is shown of the account whose token has the hash (v1_token_hash). STATUS_NOT_FOUND for an
 * unknown or expired one, and a banned user's. */
MUST_CHECK enum status v1_accounts_show(struct call *call, const char *token_hash,
                                        struct v1_profile_reply *ret_profile);
