/* SPDX-License-Identifier: MIT */
#include "services/auth/store/profiles.h"

#include "lib/base/text.h"
#include "lib/pg/sql.h"
#include "services/auth/store/settings.h"

PG_QUERY(profiles_by_user,
         "select\n"
         "  users.id,\n"
         "  users.username,\n"
         "  users.role,\n"
         "  users.is_banned,\n"
         "  coalesce(sessions.last_seen_at < now() - interval '1 minute', false) as is_due,\n"
         "  plan.plan_id,\n"
         "  plan.plan_name,\n"
         "  array_to_string(plan.platforms, ',') as platforms,\n"
         "  plan.max_tiktok_accounts,\n"
         "  plan.may_change_tiktok,\n"
         "  plan.voice_engines,\n"
         "  " PG_RFC3339(
             "plan.expires_at") " as expires_at,\n" SETTINGS_COLUMNS "\n"
                                "from auth.users\n"
                                "join auth.settings on settings.user_id = users.id\n"
                                "left join auth.entitlements as plan\n"
                                "  on plan.user_id = users.id\n"
                                "  and plan.plan_id is not null\n"
                                "  and (plan.expires_at is null or plan.expires_at > now())\n"
                                "left join auth.sessions on sessions.id = $2::uuid\n"
                                "where users.id = $1::uuid");

static struct user_plan read_plan(struct call *call, const PGresult *row)
{
    if (pg_is_null(row, 0, "plan_id"))
        return plan_free;
    return (struct user_plan){
        .id = pg_text(row, 0, "plan_id", call->arena),
        .name = pg_text(row, 0, "plan_name", call->arena),
        .platforms = pg_text(row, 0, "platforms", call->arena),
        .has_account_limit = !pg_is_null(row, 0, "max_tiktok_accounts"),
        .max_tiktok_accounts = pg_int(row, 0, "max_tiktok_accounts"),
        .may_change_tiktok = pg_bool(row, 0, "may_change_tiktok"),
        .has_all_voices = text_equal(pg_text(row, 0, "voice_engines", call->arena), "all"),
        .expires_at = pg_text(row, 0, "expires_at", call->arena),
    };
}

enum status profiles_find(struct call *call, const char *user_id, struct profile *ret_profile)
{
    AUTO(PQclear) PGresult *row = NULL;
    enum status status = pg_maybe(call->db, profiles_by_user, &row, PG_TEXT(user_id),
                                  PG_TEXT(call->caller.session_id));
    if (status != STATUS_OK)
        return status;
    *ret_profile = (struct profile){
        .user_id = pg_text(row, 0, "id", call->arena),
        .username = pg_text(row, 0, "username", call->arena),
        .role = pg_text(row, 0, "role", call->arena),
        .is_banned = pg_bool(row, 0, "is_banned"),
        .is_session_due = pg_bool(row, 0, "is_due"),
        .settings = settings_read(call, row),
        .plan = read_plan(call, row),
    };
    return STATUS_OK;
}
