/* SPDX-License-Identifier: MIT */
#include "services/auth/store/ws_tokens.h"

#include "lib/pg/sql.h"

/* The user's row is locked first, so that sign-ins of one user come one after the other: each drops
 * what is there beside the newest 19, and adds the 20th. */
PG_QUERY(ws_tokens_insert_one,
         "with owner as (\n"
         "  select id\n"
         "  from auth.users\n"
         "  where id = $1::uuid and not is_banned\n"
         "  for no key update\n"
         "),\n"
         "dropped as (\n"
         "  delete from auth.ws_tokens\n"
         "  where user_id = (select id from owner)\n"
         "    and (expires_at <= now() or token_hash not in (\n"
         "      select token_hash\n"
         "      from auth.ws_tokens\n"
         "      where user_id = $1::uuid\n"
         "      order by created_at desc\n"
         "      limit 19))\n"
         ")\n"
         "insert into auth.ws_tokens (token_hash, user_id, expires_at)\n"
         "select decode($2, 'hex'), id, now() + make_interval(hours => $3::integer)\n"
         "from owner\n"
         "returning " PG_RFC3339("expires_at") " as expires_at");

enum status ws_tokens_insert(struct call *call, const char *user_id, const char *hash,
                             unsigned hours, const char **ret_expires_at)
{
    AUTO(PQclear) PGresult *row = NULL;
    enum status status = pg_maybe(call->db, ws_tokens_insert_one, &row, PG_TEXT(user_id),
                                  PG_TEXT(hash), PG_INT(hours));
    if (status == STATUS_OK)
        *ret_expires_at = pg_text(row, 0, "expires_at", call->arena);
    return status;
}

PG_QUERY(ws_tokens_owner, "select ws_tokens.user_id\n"
                          "from auth.ws_tokens\n"
                          "join auth.users on users.id = ws_tokens.user_id\n"
                          "where ws_tokens.token_hash = decode($1, 'hex')\n"
                          "  and ws_tokens.expires_at > now()\n"
                          "  and not users.is_banned");

enum status ws_tokens_find(struct call *call, const char *hash, const char **ret_user_id)
{
    AUTO(PQclear) PGresult *row = NULL;
    enum status status = pg_maybe(call->db, ws_tokens_owner, &row, PG_TEXT(hash));
    if (status == STATUS_OK)
        *ret_user_id = pg_text(row, 0, "user_id", call->arena);
    return status;
}

PG_QUERY(ws_tokens_with_user,
         "select\n"
         "  ws_tokens.user_id,\n"
         "  coalesce(settings.tiktok_username, users.username) as tiktok_username,\n"
         "  users.demo_key is not null as is_demo,\n"
         "  (extract(epoch from ws_tokens.expires_at - now()) * 1000)::bigint as expires_in_ms\n"
         "from auth.ws_tokens\n"
         "join auth.users on users.id = ws_tokens.user_id\n"
         "join auth.settings on settings.user_id = users.id\n"
         "where ws_tokens.token_hash = decode($1, 'hex')\n"
         "  and ws_tokens.expires_at > now()\n"
         "  and not users.is_banned");

enum status ws_tokens_find_user(struct call *call, const char *hash, struct ws_token *ret_token)
{
    AUTO(PQclear) PGresult *row = NULL;
    enum status status = pg_maybe(call->db, ws_tokens_with_user, &row, PG_TEXT(hash));
    if (status == STATUS_OK)
        *ret_token = (struct ws_token){
            .user_id = pg_text(row, 0, "user_id", call->arena),
            .tiktok_username = pg_text(row, 0, "tiktok_username", call->arena),
            .is_demo = pg_bool(row, 0, "is_demo"),
            .expires_in_ms = pg_int(row, 0, "expires_in_ms"),
        };
    return status;
}
