/* SPDX-License-Identifier: MIT */
#include "services/auth/store/sessions.h"

PG_QUERY(sessions_insert_one, "insert into auth.sessions (id, user_id, ip, user_agent)\n"
                              "values ($1::uuid, $2::uuid, $3, $4)");

enum status sessions_insert(struct call *call, const char *id, const char *user_id)
{
    return pg_none(call->db, sessions_insert_one, NULL, PG_TEXT(id), PG_TEXT(user_id),
                   PG_TEXT(call->caller.address), PG_TEXT(call->caller.agent));
}
