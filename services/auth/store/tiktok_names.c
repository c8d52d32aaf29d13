/* SPDX-License-Identifier: MIT */
#include "services/auth/store/tiktok_names.h"

PG_QUERY(tiktok_names_lock_user, "select id\n"
                                 "from auth.users\n"
                                 "where id = $1::uuid\n"
                                 "for no key update");

/* A statement of its own: one that had to wait for the lock would tell what was there before. */
PG_QUERY(tiktok_names_history, "select\n"
                               "  settings.tiktok_username as current,\n"
                               "  count(names.name) as count,\n"
                               "  coalesce(bool_or(names.name = $2), false) as is_known\n"
                               "from auth.settings\n"
                               "left join auth.tiktok_names as names using (user_id)\n"
                               "where user_id = $1::uuid\n"
                               "group by user_id");

enum status tiktok_names_lock(struct call *call, const char *user_id, const char *name,
                              struct tiktok_history *ret_history)
{
    AUTO(PQclear) PGresult *user = NULL;
    enum status status = pg_maybe(call->db, tiktok_names_lock_user, &user, PG_TEXT(user_id));
    if (status != STATUS_OK)
        return status;
    AUTO(PQclear) PGresult *row = NULL;
    status = pg_one(call->db, tiktok_names_history, &row, PG_TEXT(user_id), PG_TEXT(name));
    if (status != STATUS_OK)
        return status;
    *ret_history = (struct tiktok_history){
        .current = pg_text(row, 0, "current", call->arena),
        .count = pg_int(row, 0, "count"),
        .is_known = pg_bool(row, 0, "is_known"),
    };
    return STATUS_OK;
}

PG_QUERY(tiktok_names_upsert_one, "insert into auth.tiktok_names (user_id, name)\n"
                                  "values ($1::uuid, $2)\n"
                                  "on conflict (user_id, name) do update\n"
                                  "set last_used_at = now()");

enum status tiktok_names_upsert(struct call *call, const char *user_id, const char *name)
{
    return pg_none(call->db, tiktok_names_upsert_one, NULL, PG_TEXT(user_id), PG_TEXT(name));
}
