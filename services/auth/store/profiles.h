/* SPDX-License-Identifier: MIT */
/* A user with settings, and the plan in force now: all that most endpoints must know, in one
 * statement. */
#pragma once

#include "gen/auth/messages.h"
#include "lib/api/call.h"
#include "services/auth/domain/plan.h"

struct profile {
    const char *user_id;
    const char *username; /* NULL: an account of the old API */
    const char *role;
    bool is_banned;
    bool is_session_due; /* the call's session was last seen a while ago: sessions_touch */
    struct settings_reply settings;
    struct user_plan plan;
};

MUST_CHECK enum status profiles_find(struct call *call, const char *user_id,
                                     struct profile *ret_profile);
