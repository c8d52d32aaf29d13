/* SPDX-License-Identifier: MIT */
#include "services/auth/store/v1_accounts.h"

PG_QUERY(v1_accounts_name_one, "update auth.users\n"
                               "set username = $2, password_hash = $3, is_confirmed = true\n"
                               "where id = $1::uuid and username is null and not is_banned\n"
                               "returning id");

enum status v1_accounts_name(struct call *call, const char *id, const char *username,
                             const char *password_hash)
{
    AUTO(PQclear) PGresult *row = NULL;
    return pg_maybe(call->db, v1_accounts_name_one, &row, PG_TEXT(id), PG_TEXT(username),
                    PG_TEXT(password_hash));
}

/* The update that changes nothing is there for its row: of two calls at once the second waits for
 * the first, and then sees it. */
PG_QUERY(v1_accounts_by_demo_key, "with account as (\n"
                                  "  insert into auth.users (id, demo_key)\n"
                                  "  values ($2::uuid, $1)\n"
                                  "  on conflict (demo_key) do update\n"
                                  "  set demo_key = excluded.demo_key\n"
                                  "  returning id\n"
                                  "),\n"
                                  "settings as (\n"
                                  "  insert into auth.settings (user_id)\n"
                                  "  select id\n"
                                  "  from account\n"
                                  "  on conflict (user_id) do nothing\n"
                                  ")\n"
                                  "select id\n"
                                  "from account");

enum status v1_accounts_of_demo_key(struct call *call, const char *demo_key, const char *id,
                                    const char **ret_id)
{
    AUTO(PQclear) PGresult *row = NULL;
    enum status status =
        pg_one(call->db, v1_accounts_by_demo_key, &row, PG_TEXT(demo_key), PG_TEXT(id));
    if (status == STATUS_OK)
        *ret_id = pg_text(row, 0, "id", call->arena);
    return status;
}
