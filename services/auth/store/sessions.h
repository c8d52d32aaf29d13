/* SPDX-License-Identifier: MIT */
/* Sessions: one a sign-in, named by the token's sid. What ends before its token has expired is
 * noted for the gateways (ended_sessions.h) and told as EVT_AUTH_SESSIONS_ENDED, all in one
 * transaction. token_ttl_s is the life of a token: how long an end must be remembered. */
#pragma once

#include "gen/auth/messages.h"
#include "lib/api/call.h"

/* A session to be opened. */
struct session_opening {
    const char *id;
    const char *user_id;
    const char *password_hash; /* that the user must still have; NULL: any will do */
    const char *address;       /* of the client; NULL: not known */
    const char *agent;         /* the same */
    int64_t expires_s;
    bool is_open; /* the result; false when the user is gone, or has another password by now */
};

/* Opens sessions, all in one statement. */
MUST_CHECK enum status sessions_insert(struct call *call, struct session_opening *const *openings,
                                       size_t count);

/* Notes that the caller's session is in use, to the minute. */
MUST_CHECK enum status sessions_touch(struct call *call);

/* The caller's newest, at most 100: a list of struct session. */
MUST_CHECK enum status sessions_list(struct call *call, struct list *ret_sessions);

/* Ends one of the caller's sessions. STATUS_NOT_FOUND when there is no such session. */
MUST_CHECK enum status sessions_end(struct call *call, const char *id);

/* Ends the session of the caller's token, also when its row is gone. */
MUST_CHECK enum status sessions_end_own(struct call *call, int64_t token_ttl_s);

/* Ends all tokens that the user has by now, but those of the session `except`, if that is not NULL.
 * Tokens of the old backend are among them: they name no session. */
MUST_CHECK enum status sessions_end_all(struct call *call, const char *user_id, const char *except,
                                        int64_t token_ttl_s);
