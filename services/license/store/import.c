/* SPDX-License-Identifier: MIT */
#include "services/license/store/import.h"

#include "lib/base/text.h"
#include "services/license/store/entitlements.h"
#include "services/license/store/key_sql.h"

/* ---- theirs ---- */

/* Of rows that are one key once it is normalised, the first is one that has an owner. */
const struct pg_query import_old_keys = {
    .sql = "select\n"
           "  old ->> 'key' as key,\n"
           "  old ->> 'plan' as plan,\n"
           "  old ->> 'status' as status,\n"
           "  old ->> 'issued_at' as issued_at,\n"
           "  old ->> 'expires_at' as expires_at,\n"
           "  old ->> 'user_id' as user_id,\n"
           "  old ->> 'max_devices' as max_devices,\n"
           "  old ->> 'devices_bound' as devices_bound,\n"
           "  row_number() over (\n"
           "    partition by upper(btrim(old ->> 'key', e' \\t\\r\\n'))\n"
           "    order by old ->> 'user_id' is null, old ->> 'issued_at', old ->> 'key'\n"
           "  ) > 1 as is_repeated\n"
           "from (select to_jsonb(license_keys) as old from license_keys) as rows\n"
           "order by old ->> 'issued_at', old ->> 'key'"};

const struct pg_query import_old_purchases = {
    .sql = "select\n"
           "  old ->> 'order_id' as order_id,\n"
           "  old ->> 'email' as email,\n"
           "  old ->> 'plan' as plan,\n"
           "  old ->> 'ttl_days' as ttl_days,\n"
           "  old ->> 'amount' as amount,\n"
           "  old ->> 'currency' as currency,\n"
           "  old ->> 'license_key' as license_key,\n"
           "  old ->> 'created_at' as created_at\n"
           "from (select to_jsonb(web_purchases) as old from web_purchases) as rows\n"
           "order by old ->> 'created_at', old ->> 'order_id'"};

/* ---- ours ---- */

PG_QUERY(import_one_key,
         "with changed as (\n"
         "  insert into license.keys (\n"
         "    key, plan, status, issued_at, expires_at, user_id, bound_at, max_devices,\n"
         "    devices_bound\n"
         "  )\n"
         "  values (\n"
         "    $3, $4, $5, coalesce($6::timestamptz, now()), $7::timestamptz, $8::uuid,\n"
         "    case when $8::uuid is not null then now() end, $9::integer, $10::integer\n"
         "  )\n"
         "  on conflict do nothing\n"
         "  returning *\n"
         ")" CHANGED_KEYS("imported", ""));

/* A key whose owner's account was erased stays nobody's. */
PG_QUERY(import_one_owner,
         "with changed as (\n"
         "  update license.keys\n"
         "  set user_id = $4::uuid, bound_at = now()\n"
         "  where key = $3\n"
         "    and user_id is null\n"
         "    and not exists (\n"
         "      select from license.audit where audit.key = $3 and action = 'released'\n"
         "    )\n"
         "  returning *\n"
         ")" CHANGED_KEYS("imported", ""));

/* STATUS_NOT_FOUND when the key is here. */
static enum status insert_key(struct call *call, const struct import_key *key,
                              struct license_key *ret_key)
{
    AUTO(PQclear) PGresult *row = NULL;
    enum status status = pg_maybe(
        call->db, import_one_key, &row, PG_TEXT("import"), PG_TEXT(NULL), PG_TEXT(key->key),
        PG_TEXT(key->plan), PG_TEXT(key->status), PG_TEXT(key->issued_at), PG_TEXT(key->expires_at),
        PG_TEXT(key->user_id), PG_INT(key->max_devices), PG_INT(key->devices_bound));
    if (status == STATUS_OK)
        *ret_key = key_read(call, row, 0);
    return status;
}

/* STATUS_NOT_FOUND when the key has or had an owner here, or has none there. */
static enum status bind_key(struct call *call, const struct import_key *key,
                            struct license_key *ret_key)
{
    if (!key->user_id)
        return STATUS_NOT_FOUND;
    AUTO(PQclear) PGresult *row = NULL;
    enum status status = pg_maybe(call->db, import_one_owner, &row, PG_TEXT("import"),
                                  PG_TEXT(NULL), PG_TEXT(key->key), PG_TEXT(key->user_id));
    if (status == STATUS_OK)
        *ret_key = key_read(call, row, 0);
    return status;
}

enum status import_key_insert(struct call *call, const struct import_key *key,
                              enum import_key_result *ret_result)
{
    struct license_key now;
    *ret_result = IMPORT_KEY_ADDED;
    enum status status = insert_key(call, key, &now);
    if (status == STATUS_NOT_FOUND) {
        *ret_result = IMPORT_KEY_BOUND;
        status = bind_key(call, key, &now);
    }
    if (status == STATUS_NOT_FOUND) {
        *ret_result = IMPORT_KEY_PRESENT;
        status = keys_find(call, key->key, &now);
    }
    if (status != STATUS_OK)
        return status;
    return now.user_id ? entitlements_renew(call, now.user_id) : STATUS_OK;
}

PG_QUERY(import_one_order,
         "with added as (\n"
         "  insert into license.orders (\n"
         "    order_id, key, plan, ttl_days, email, amount, currency, created_at\n"
         "  )\n"
         "  select\n"
         "    $1, key, coalesce($3, plan, ''), $4::integer, $5, $6::bigint, $7,\n"
         "    coalesce($8::timestamptz, now())\n"
         "  from license.keys\n"
         "  where key = $2\n"
         "  on conflict do nothing\n"
         "  returning order_id\n"
         ")\n"
         "select\n"
         "  exists (select from added) as is_added,\n"
         "  exists (select from license.orders where order_id = $1 and key = $2) as is_here,\n"
         "  exists (select from license.orders where order_id = $1) as is_order,\n"
         "  exists (select from license.keys where key = $2) as is_key");

static enum import_order_result read_order_result(const PGresult *row)
{
    if (pg_bool(row, 0, "is_added"))
        return IMPORT_ORDER_ADDED;
    if (pg_bool(row, 0, "is_here"))
        return IMPORT_ORDER_PRESENT;
    if (pg_bool(row, 0, "is_order"))
        return IMPORT_ORDER_DIFFERS;
    return pg_bool(row, 0, "is_key") ? IMPORT_ORDER_KEY_TAKEN : IMPORT_ORDER_NO_KEY;
}

enum status import_order_insert(struct call *call, const struct order *order, const char *key,
                                const char *created_at, enum import_order_result *ret_result)
{
    AUTO(PQclear) PGresult *row = NULL;
    enum status status =
        pg_one(call->db, import_one_order, &row, PG_TEXT(order->order_id), PG_TEXT(key),
               PG_TEXT(order->plan), PG_INT(order->ttl_days), PG_TEXT(order->email),
               order->has_amount ? PG_INT(order->amount) : PG_TEXT(NULL), PG_TEXT(order->currency),
               PG_TEXT(created_at));
    if (status == STATUS_OK)
        *ret_result = read_order_result(row);
    return status;
}
