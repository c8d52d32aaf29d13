/* SPDX-License-Identifier: MIT */
#include "services/auth/store/entitlements.h"

PG_QUERY(entitlements_upsert_one,
         "with kept as (\n"
         "  insert into auth.entitlements as kept (\n"
         "    user_id, version, plan_id, plan_name, platforms, max_tiktok_accounts,\n"
         "    may_change_tiktok, voice_engines, expires_at\n"
         "  )\n"
         "  values ($1::uuid, $2::bigint, $3, $4, string_to_array($5, ','), $6::integer,\n"
         "    $7::boolean, $8, $9::timestamptz)\n"
         "  on conflict (user_id) do update\n"
         "  set version = excluded.version,\n"
         "    plan_id = excluded.plan_id,\n"
         "    plan_name = excluded.plan_name,\n"
         "    platforms = excluded.platforms,\n"
         "    max_tiktok_accounts = excluded.max_tiktok_accounts,\n"
         "    may_change_tiktok = excluded.may_change_tiktok,\n"
         "    voice_engines = excluded.voice_engines,\n"
         "    expires_at = excluded.expires_at\n"
         "  where kept.version < excluded.version\n"
         "  returning user_id\n"
         ")\n"
         "insert into auth.outbox (what, body)\n"
         "select what, jsonb_build_object('user_id', user_id)\n"
         "from kept\n"
         "cross join (values ('entitlement_changed'), ('settings_changed')) as told (what)");

enum status entitlements_upsert(struct call *call, const struct entitlement *entitlement)
{
    const struct rights *rights = &entitlement->rights;
    struct pg_param limit = PG_TEXT(NULL);
    if (rights->has_max_tiktok_accounts)
        limit = PG_INT(rights->max_tiktok_accounts);
    int64_t told = 0;
    enum status status =
        pg_none(call->db, entitlements_upsert_one, &told, PG_TEXT(entitlement->user_id),
                PG_INT(entitlement->version), PG_TEXT(rights->plan_id), PG_TEXT(rights->plan_name),
                PG_TEXT(list_join(call->arena, rights->allowed_platforms, ',')), limit,
                PG_BOOL(rights->may_change_tiktok), PG_TEXT(rights->voice_engines),
                PG_TEXT(rights->expires_at));
    if (status == STATUS_OK && told > 0)
        call_announce(call);
    return status;
}
