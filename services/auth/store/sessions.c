/* SPDX-License-Identifier: MIT */
#include "services/auth/store/sessions.h"

/* Does not wait for the disk: a sign-in that a crash of Postgres takes back within its last half
 * second costs the client another sign-in, while the wait would cost every sign-in a fifth of its
 * time. */
PG_QUERY(sessions_insert_one,
         "insert into auth.sessions (id, user_id, ip, user_agent)\n"
         "select $1::uuid, $2::uuid, $3, $4\n"
         "from (select set_config('synchronous_commit', 'off', true)) as relaxed");

enum status sessions_insert(struct call *call, const char *id, const char *user_id)
{
    return pg_none(call->db, sessions_insert_one, NULL, PG_TEXT(id), PG_TEXT(user_id),
                   PG_TEXT(call->caller.address), PG_TEXT(call->caller.agent));
}
