/* SPDX-License-Identifier: MIT */
#include "services/license/store/entitlements.h"

#include "lib/pg/sql.h"
#include "services/license/domain/plans.h"

#define BEST_EXPIRES_AT PG_RFC3339("best.expires_at")

/* The entitlement of the user $1 in the form in which it is told. */
#define BODY                                                                                       \
    "select jsonb_build_object(\n"                                                                 \
    "  'user_id', asked.user_id,\n"                                                                \
    "  'version', coalesce(owners.version, 0),\n"                                                  \
    "  'rights', jsonb_build_object(\n"                                                            \
    "    'plan_id', best.id,\n"                                                                    \
    "    'plan_name', best.name,\n"                                                                \
    "    'allowed_platforms', array(select unnest(best.platforms) order by 1),\n"                  \
    "    'max_tiktok_accounts', best.max_tiktok_accounts,\n"                                       \
    "    'may_change_tiktok', coalesce(best.may_change_tiktok, false),\n"                          \
    "    'voice_engines', best.voice_engines,\n"                                                   \
    "    'expires_at', " BEST_EXPIRES_AT "\n"                                                      \
    "  )\n"                                                                                        \
    ") as body\n"                                                                                  \
    "from (values ($1::uuid)) as asked (user_id)\n"                                                \
    "left join license.owners using (user_id)\n"                                                   \
    "left join (\n"                                                                                \
    "  select plans.*, keys.expires_at\n"                                                          \
    "  from license.keys\n"                                                                        \
    "  join license.plans on plans.id = coalesce(keys.plan, '" PLAN_FREE "')\n"                    \
    "  where keys.user_id = $1::uuid\n"                                                            \
    "    and keys.status = 'active'\n"                                                             \
    "    and (keys.expires_at is null or keys.expires_at > now())\n"                               \
    "  order by keys.expires_at desc nulls first, keys.issued_at desc\n"                           \
    "  limit 1\n"                                                                                  \
    ") as best on true\n"

PG_QUERY(entitlements_of_user, BODY);

enum status entitlements_find(struct call *call, const char *user_id,
                              struct entitlement *ret_entitlement)
{
    AUTO(PQclear) PGresult *row = NULL;
    enum status status = pg_one(call->db, entitlements_of_user, &row, PG_TEXT(user_id));
    if (status != STATUS_OK)
        return status;
    const char *body = pg_text(row, 0, "body", call->arena);
    *ret_entitlement = (struct entitlement){0};
    return message_decode(&entitlement_message, (struct slice){body, strlen(body)}, call->arena,
                          ret_entitlement);
}

PG_QUERY(owners_raise, "insert into license.owners as owners (user_id, version)\n"
                       "values ($1::uuid, 1)\n"
                       "on conflict (user_id) do update\n"
                       "set version = owners.version + 1");

PG_QUERY(entitlements_tell, "insert into license.outbox (what, body)\n"
                            "select 'entitlement', body\n"
                            "from (\n" BODY ") as entitlement");

/* Two statements: the second sees what others had committed by the time that the first got its
 * lock.
 */
enum status entitlements_renew(struct call *call, const char *user_id)
{
    enum status status = pg_none(call->db, owners_raise, NULL, PG_TEXT(user_id));
    if (status != STATUS_OK)
        return status;
    return pg_none(call->db, entitlements_tell, NULL, PG_TEXT(user_id));
}

PG_QUERY(owners_delete, "delete from license.owners\n"
                        "where user_id = $1::uuid");

enum status entitlements_forget(struct call *call, const char *user_id)
{
    return pg_none(call->db, owners_delete, NULL, PG_TEXT(user_id));
}
