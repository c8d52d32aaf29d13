/* SPDX-License-Identifier: MIT */
#include "services/auth/store/users.h"

PG_QUERY(users_insert_one, "with added as (\n"
                           "  insert into auth.users (id, username, password_hash)\n"
                           "  values ($1::uuid, $2, $3)\n"
                           "  returning id\n"
                           ")\n"
                           "insert into auth.settings (user_id)\n"
                           "select id\n"
                           "from added");

enum status users_insert(struct call *call, const char *id, const char *username,
                         const char *password_hash)
{
    return pg_none(call->db, users_insert_one, NULL, PG_TEXT(id), PG_TEXT(username),
                   PG_TEXT(password_hash));
}

PG_QUERY(users_by_name, "select id, username, password_hash, role, is_banned\n"
                        "from auth.users\n"
                        "where username = $1");

enum status users_find_by_name(struct call *call, const char *username, struct user *ret_user)
{
    AUTO(PQclear) PGresult *row = NULL;
    enum status status = pg_maybe(call->db, users_by_name, &row, PG_TEXT(username));
    if (status != STATUS_OK)
        return status;
    *ret_user = (struct user){
        .id = pg_text(row, 0, "id", call->arena),
        .username = pg_text(row, 0, "username", call->arena),
        .password_hash = pg_text(row, 0, "password_hash", call->arena),
        .role = pg_text(row, 0, "role", call->arena),
        .is_banned = pg_bool(row, 0, "is_banned"),
    };
    return STATUS_OK;
}

PG_QUERY(users_profile,
         "select\n"
         "  users.id,\n"
         "  users.username,\n"
         "  users.role,\n"
         "  users.is_banned,\n"
         "  settings.voice_id,\n"
         "  settings.tts_enabled,\n"
         "  settings.gift_sounds_enabled,\n"
         "  settings.tts_volume,\n"
         "  settings.gifts_volume,\n"
         "  settings.tiktok_username,\n"
         "  plan.plan_id,\n"
         "  plan.plan_name,\n"
         "  array_to_string(plan.platforms, ',') as platforms,\n"
         "  plan.max_tiktok_accounts,\n"
         "  to_char(plan.expires_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"') as "
         "expires_at\n"
         "from auth.users\n"
         "join auth.settings on settings.user_id = users.id\n"
         "left join auth.entitlements as plan\n"
         "  on plan.user_id = users.id and (plan.expires_at is null or plan.expires_at > now())\n"
         "where users.id = $1::uuid");

enum status users_find_profile(struct call *call, const char *id, struct profile *ret_profile)
{
    AUTO(PQclear) PGresult *row = NULL;
    enum status status = pg_maybe(call->db, users_profile, &row, PG_TEXT(id));
    if (status != STATUS_OK)
        return status;
    *ret_profile = (struct profile){
        .user = {.id = pg_text(row, 0, "id", call->arena),
                 .username = pg_text(row, 0, "username", call->arena),
                 .role = pg_text(row, 0, "role", call->arena),
                 .is_banned = pg_bool(row, 0, "is_banned")},
        .voice_id = pg_text(row, 0, "voice_id", call->arena),
        .tts_enabled = pg_bool(row, 0, "tts_enabled"),
        .gift_sounds_enabled = pg_bool(row, 0, "gift_sounds_enabled"),
        .tts_volume = pg_int(row, 0, "tts_volume"),
        .gifts_volume = pg_int(row, 0, "gifts_volume"),
        .tiktok_username = pg_text(row, 0, "tiktok_username", call->arena),
        .has_plan = !pg_is_null(row, 0, "plan_id"),
        .plan_id = pg_text(row, 0, "plan_id", call->arena),
        .plan_name = pg_text(row, 0, "plan_name", call->arena),
        .platforms = pg_text(row, 0, "platforms", call->arena),
        .has_account_limit = !pg_is_null(row, 0, "max_tiktok_accounts"),
        .max_tiktok_accounts = pg_int(row, 0, "max_tiktok_accounts"),
        .expires_at = pg_text(row, 0, "expires_at", call->arena),
    };
    return STATUS_OK;
}

PG_QUERY(users_update_hash_one, "update auth.users\n"
                                "set password_hash = $3\n"
                                "where id = $1::uuid and password_hash = $2");

enum status users_update_hash(struct call *call, const char *id, const char *old_hash,
                              const char *new_hash)
{
    return pg_none(call->db, users_update_hash_one, NULL, PG_TEXT(id), PG_TEXT(old_hash),
                   PG_TEXT(new_hash));
}

PG_QUERY(users_delete_one, "delete from auth.users\n"
                           "where id = $1::uuid");

enum status users_delete(struct call *call, const char *id)
{
    return pg_none(call->db, users_delete_one, NULL, PG_TEXT(id));
}
