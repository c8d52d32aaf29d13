/* SPDX-License-Identifier: MIT */
#include "services/license/store/keys.h"

#define RFC3339(column)                                                                            \
    "to_char(" column " at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
#define KEY_COLUMNS                                                                                \
    "  key,\n"                                                                                     \
    "  plan,\n"                                                                                    \
    "  status,\n"                                                                                  \
    "  " RFC3339(                                                                                  \
        "issued_at") " as issued_at,\n"                                                            \
                     "  " RFC3339(                                                                 \
                         "expires_at") " as expires_at,\n"                                         \
                                       "  user_id,\n"                                              \
                                       "  coalesce(expires_at <= now(), false) as is_expired\n"

static struct license_key read_key(struct call *call, const PGresult *row)
{
    return (struct license_key){
        .key = pg_text(row, 0, "key", call->arena),
        .plan = pg_text(row, 0, "plan", call->arena),
        .status = pg_text(row, 0, "status", call->arena),
        .issued_at = pg_text(row, 0, "issued_at", call->arena),
        .expires_at = pg_text(row, 0, "expires_at", call->arena),
        .user_id = pg_text(row, 0, "user_id", call->arena),
        .is_expired = pg_bool(row, 0, "is_expired"),
    };
}

PG_QUERY(keys_insert_one, "insert into license.keys (key, plan, expires_at)\n"
                          "values ($1, $2, now() + make_interval(days => $3::integer))\n"
                          "returning\n" KEY_COLUMNS);

enum status keys_insert(struct call *call, const char *key, const char *plan, int64_t days,
                        struct license_key *ret_key)
{
    AUTO(PQclear) PGresult *row = NULL;
    enum status status =
        pg_one(call->db, keys_insert_one, &row, PG_TEXT(key), PG_TEXT(plan), PG_INT(days));
    if (status == STATUS_OK)
        *ret_key = read_key(call, row);
    return status;
}

PG_QUERY(keys_by_key, "select\n" KEY_COLUMNS "from license.keys\nwhere key = $1");

enum status keys_find(struct call *call, const char *key, struct license_key *ret_key)
{
    AUTO(PQclear) PGresult *row = NULL;
    enum status status = pg_maybe(call->db, keys_by_key, &row, PG_TEXT(key));
    if (status == STATUS_OK)
        *ret_key = read_key(call, row);
    return status;
}

PG_QUERY(keys_bind_one, "update license.keys\n"
                        "set user_id = $2::uuid, bound_at = coalesce(bound_at, now())\n"
                        "where key = $1\n"
                        "  and status = 'active'\n"
                        "  and (expires_at is null or expires_at > now())\n"
                        "  and (user_id is null or user_id = $2::uuid)\n"
                        "returning\n" KEY_COLUMNS);

enum status keys_bind(struct call *call, const char *key, const char *user_id,
                      struct license_key *ret_key)
{
    AUTO(PQclear) PGresult *row = NULL;
    enum status status = pg_maybe(call->db, keys_bind_one, &row, PG_TEXT(key), PG_TEXT(user_id));
    if (status == STATUS_OK)
        *ret_key = read_key(call, row);
    return status;
}

/* Of several active keys: one without expiry first, then the latest expiry, then the latest issued.
 */
PG_QUERY(keys_best_of_user,
         "select\n"
         "  plans.id,\n"
         "  plans.name,\n"
         "  array_to_string(array(select unnest(plans.platforms) order by 1), ',') as platforms,\n"
         "  plans.max_tiktok_accounts,\n"
         "  plans.may_change_tiktok,\n"
         "  plans.voice_engines,\n"
         "  " RFC3339(
             "keys.expires_at") " as expires_at\n"
                                "from license.keys\n"
                                "join license.plans on plans.id = coalesce(keys.plan, "
                                "'nova_free_streamer')\n"
                                "where keys.user_id = $1::uuid\n"
                                "  and keys.status = 'active'\n"
                                "  and (keys.expires_at is null or keys.expires_at > now())\n"
                                "order by keys.expires_at desc nulls first, keys.issued_at desc\n"
                                "limit 1");

enum status keys_find_entitlement(struct call *call, const char *user_id,
                                  struct entitlement *ret_entitlement)
{
    AUTO(PQclear) PGresult *row = NULL;
    enum status status = pg_maybe(call->db, keys_best_of_user, &row, PG_TEXT(user_id));
    if (status != STATUS_OK)
        return status;
    *ret_entitlement = (struct entitlement){
        .plan_id = pg_text(row, 0, "id", call->arena),
        .plan_name = pg_text(row, 0, "name", call->arena),
        .platforms = pg_text(row, 0, "platforms", call->arena),
        .has_limit = !pg_is_null(row, 0, "max_tiktok_accounts"),
        .max_tiktok_accounts = pg_int(row, 0, "max_tiktok_accounts"),
        .may_change_tiktok = pg_bool(row, 0, "may_change_tiktok"),
        .voice_engines = pg_text(row, 0, "voice_engines", call->arena),
        .expires_at = pg_text(row, 0, "expires_at", call->arena),
    };
    return STATUS_OK;
}

PG_QUERY(plans_by_name, "select id\n"
                        "from license.plans\n"
                        "where id = $1 or $1 = any(aliases)");

enum status plans_find(struct call *call, const char *name, const char **ret_id)
{
    AUTO(PQclear) PGresult *row = NULL;
    enum status status = pg_maybe(call->db, plans_by_name, &row, PG_TEXT(name));
    if (status == STATUS_OK)
        *ret_id = pg_text(row, 0, "id", call->arena);
    return status;
}
