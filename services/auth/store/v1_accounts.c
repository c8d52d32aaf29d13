/* SPDX-License-Identifier: MIT */
#include "services/auth/store/v1_accounts.h"

#include "lib/pg/sql.h"

#define VOLUME_MAX 100.0

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

PG_QUERY(v1_accounts_by_token,
         "select\n"
         "  users.id,\n"
         "  settings.tiktok_username,\n"
         "  settings.voice_id,\n"
         "  settings.tts_enabled,\n"
         "  settings.tts_volume,\n"
         "  settings.gift_sounds_enabled,\n"
         "  settings.gifts_volume,\n"
         "  " PG_RFC3339(
             "users.created_at") " as created_at,\n"
                                 "  " PG_RFC3339(
                                     "settings.updated_at") " as updated_at\n"
                                                            "from auth.ws_tokens\n"
                                                            "join auth.users on users.id = "
                                                            "ws_tokens.user_id\n"
                                                            "join auth.settings on "
                                                            "settings.user_id = users.id\n"
                                                            "where ws_tokens.token_hash = "
                                                            "decode($1, 'hex')\n"
                                                            "  and ws_tokens.expires_at > now()\n"
                                                            "  and not users.is_banned");

enum status v1_accounts_show(struct call *call, const char *token_hash,
                             struct v1_profile_reply *ret_profile)
{
    AUTO(PQclear) PGresult *row = NULL;
    enum status status = pg_maybe(call->db, v1_accounts_by_token, &row, PG_TEXT(token_hash));
    if (status != STATUS_OK)
        return status;
    struct arena *arena = call->arena;
    *ret_profile = (struct v1_profile_reply){
        .user_id = pg_text(row, 0, "id", arena),
        .tiktok_username = pg_text(row, 0, "tiktok_username", arena),
        .voice_id = pg_text(row, 0, "voice_id", arena),
        .tts_enabled = pg_bool(row, 0, "tts_enabled"),
        .tts_volume = (double)pg_int(row, 0, "tts_volume") / VOLUME_MAX,
        .gifts_enabled = pg_bool(row, 0, "gift_sounds_enabled"),
        .gifts_volume = (double)pg_int(row, 0, "gifts_volume") / VOLUME_MAX,
        .created_at = pg_text(row, 0, "created_at", arena),
        .updated_at = pg_text(row, 0, "updated_at", arena),
    };
    return STATUS_OK;
}
