/* SPDX-License-Identifier: MIT */
#include "services/auth/store/import.h"

#include "lib/base/text.h"

/* ---- theirs ---- */

const struct pg_query import_old_users = {
    .sql = "select\n"
           "  old ->> 'id' as id,\n"
           "  old ->> 'username' as username,\n"
           "  old ->> 'password_hash' as password_hash,\n"
           "  old ->> 'created_at' as created_at,\n"
           "  old ->> 'tiktok_username' as tiktok_username\n"
           "from (select to_jsonb(users) as old from users) as rows\n"
           "order by old ->> 'created_at', old ->> 'id'"};

const struct pg_query import_old_settings = {
    .sql = "select\n"
           "  old ->> 'user_id' as user_id,\n"
           "  old ->> 'voice_id' as voice_id,\n"
           "  old ->> 'tts_enabled' as tts_enabled,\n"
           "  old ->> 'gift_sounds_enabled' as gift_sounds_enabled,\n"
           "  old ->> 'tts_volume' as tts_volume,\n"
           "  old ->> 'gifts_volume' as gifts_volume\n"
           "from (select to_jsonb(user_settings) as old from user_settings) as rows\n"
           "order by old ->> 'user_id'"};

/* The name that a user has used last comes first. */
const struct pg_query import_old_tiktok_accounts = {
    .sql = "select\n"
           "  old ->> 'user_id' as user_id,\n"
           "  old ->> 'username' as username,\n"
           "  old ->> 'created_at' as created_at,\n"
           "  old ->> 'last_used_at' as last_used_at\n"
           "from (select to_jsonb(user_tiktok_accounts) as old from user_tiktok_accounts) as rows\n"
           "order by\n"
           "  old ->> 'user_id',\n"
           "  coalesce(old ->> 'last_used_at', old ->> 'created_at') desc nulls last"};

/* ---- ours ---- */

static enum status read_result(struct call *call, const PGresult *row,
                               enum import_result *ret_result)
{
    static const char *const words[] = {
        [IMPORT_ADDED] = "added",     [IMPORT_PRESENT] = "present", [IMPORT_NAME_TAKEN] = "taken",
        [IMPORT_NO_USER] = "no user", [IMPORT_DELETED] = "deleted",
    };
    const char *word = pg_text(row, 0, "result", call->arena);
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (text_equal(word, words[i])) {
            *ret_result = (enum import_result)i;
            return STATUS_OK;
        }
    }
    return STATUS_INTERNAL;
}

PG_QUERY(import_one_user,
         "with known as (\n"
         "  select\n"
         "    exists (select from auth.users where id = $1::uuid) as is_here,\n"
         "    exists (select from auth.imported_users where user_id = $1::uuid) as was_imported\n"
         "), added as (\n"
         "  insert into auth.users (id, username, password_hash, created_at)\n"
         "  select $1::uuid, $2, $3, coalesce($4::timestamptz, now())\n"
         "  from known\n"
         "  where not was_imported\n"
         "  on conflict do nothing\n"
         "  returning id\n"
         "), noted as (\n"
         "  insert into auth.imported_users (user_id)\n"
         "  select id\n"
         "  from added\n"
         "), set as (\n"
         "  insert into auth.settings (user_id, tiktok_username)\n"
         "  select id, $5\n"
         "  from added\n"
         "), named as (\n"
         "  insert into auth.tiktok_names (user_id, name)\n"
         "  select id, $5\n"
         "  from added\n"
         "  where $5 is not null\n"
         ")\n"
         "select\n"
         "  case\n"
         "    when exists (select from added) then 'added'\n"
         "    when is_here then 'present'\n"
         "    when was_imported then 'deleted'\n"
         "    else 'taken'\n"
         "  end as result\n"
         "from known");

enum status import_user_insert(struct call *call, const struct import_user *user,
                               enum import_result *ret_result)
{
    AUTO(PQclear) PGresult *row = NULL;
    enum status status = pg_one(call->db, import_one_user, &row, PG_TEXT(user->id),
                                PG_TEXT(user->username), PG_TEXT(user->password_hash),
                                PG_TEXT(user->created_at), PG_TEXT(user->tiktok_username));
    return status == STATUS_OK ? read_result(call, row, ret_result) : status;
}

PG_QUERY(import_one_users_settings,
         "with first as (\n"
         "  update auth.imported_users\n"
         "  set has_settings = true\n"
         "  where user_id = $1::uuid\n"
         "    and not has_settings\n"
         "    and exists (select from auth.users where id = $1::uuid)\n"
         "  returning user_id\n"
         "), changed as (\n"
         "  update auth.settings\n"
         "  set voice_id = coalesce($2, settings.voice_id),\n"
         "    tts_enabled = $3::boolean,\n"
         "    gift_sounds_enabled = $4::boolean,\n"
         "    tts_volume = $5::integer,\n"
         "    gifts_volume = $6::integer\n"
         "  from first\n"
         "  where settings.user_id = first.user_id\n"
         ")\n"
         "select\n"
         "  case\n"
         "    when exists (select from first) then 'added'\n"
         "    when exists (select from auth.users where id = $1::uuid) then 'present'\n"
         "    when exists (select from auth.imported_users where user_id = $1::uuid)\n"
         "      then 'deleted'\n"
         "    else 'no user'\n"
         "  end as result");

enum status import_settings_update(struct call *call, const struct import_settings *settings,
                                   enum import_result *ret_result)
{
    AUTO(PQclear) PGresult *row = NULL;
    enum status status =
        pg_one(call->db, import_one_users_settings, &row, PG_TEXT(settings->user_id),
               PG_TEXT(settings->voice_id), PG_BOOL(settings->tts_enabled),
               PG_BOOL(settings->gift_sounds_enabled), PG_INT(settings->tts_volume),
               PG_INT(settings->gifts_volume));
    return status == STATUS_OK ? read_result(call, row, ret_result) : status;
}

PG_QUERY(import_one_tiktok_account,
         "with added as (\n"
         "  insert into auth.tiktok_names (user_id, name, created_at, last_used_at)\n"
         "  select\n"
         "    id,\n"
         "    $2,\n"
         "    coalesce($3::timestamptz, now()),\n"
         "    coalesce($4::timestamptz, $3::timestamptz, now())\n"
         "  from auth.users\n"
         "  where id = $1::uuid\n"
         "  on conflict do nothing\n"
         "  returning user_id, name\n"
         "), shown as (\n"
         "  update auth.settings\n"
         "  set tiktok_username = added.name\n"
         "  from added\n"
         "  where settings.user_id = added.user_id\n"
         "    and settings.tiktok_username is null\n"
         ")\n"
         "select\n"
         "  case\n"
         "    when exists (select from added) then 'added'\n"
         "    when exists (select from auth.users where id = $1::uuid) then 'present'\n"
         "    when exists (select from auth.imported_users where user_id = $1::uuid)\n"
         "      then 'deleted'\n"
         "    else 'no user'\n"
         "  end as result");

enum status import_tiktok_account_insert(struct call *call,
                                         const struct import_tiktok_account *account,
                                         enum import_result *ret_result)
{
    AUTO(PQclear) PGresult *row = NULL;
    enum status status = pg_one(call->db, import_one_tiktok_account, &row,
                                PG_TEXT(account->user_id), PG_TEXT(account->name),
                                PG_TEXT(account->created_at), PG_TEXT(account->last_used_at));
    return status == STATUS_OK ? read_result(call, row, ret_result) : status;
}
