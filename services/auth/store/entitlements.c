/* SPDX-License-Identifier: MIT */
#include "services/auth/store/entitlements.h"

PG_QUERY(entitlements_upsert_one,
         "insert into auth.entitlements (\n"
         "  user_id, plan_id, plan_name, platforms, max_tiktok_accounts, may_change_tiktok,\n"
         "  voice_engines, expires_at\n"
         ")\n"
         "values ($1::uuid, $2, $3, string_to_array($4, ','), $5::integer, $6::boolean, $7,\n"
         "  $8::timestamptz)\n"
         "on conflict (user_id) do update\n"
         "set plan_id = excluded.plan_id,\n"
         "  plan_name = excluded.plan_name,\n"
         "  platforms = excluded.platforms,\n"
         "  max_tiktok_accounts = excluded.max_tiktok_accounts,\n"
         "  may_change_tiktok = excluded.may_change_tiktok,\n"
         "  voice_engines = excluded.voice_engines,\n"
         "  expires_at = excluded.expires_at");

enum status entitlements_upsert(struct call *call, const char *user_id,
                                const struct entitlement_reply *entitlement)
{
    struct pg_param limit = PG_TEXT(NULL);
    if (entitlement->has_max_tiktok_accounts)
        limit = PG_INT(entitlement->max_tiktok_accounts);
    return pg_none(call->db, entitlements_upsert_one, NULL, PG_TEXT(user_id),
                   PG_TEXT(entitlement->plan_id), PG_TEXT(entitlement->plan_name),
                   PG_TEXT(list_join(call->arena, entitlement->allowed_platforms, ',')), limit,
                   PG_BOOL(entitlement->may_change_tiktok), PG_TEXT(entitlement->voice_engines),
                   PG_TEXT(entitlement->expires_at));
}
