/* SPDX-License-Identifier: MIT */
#include "services/license/store/issue.h"

#include "services/license/store/key_sql.h"

static enum status issued(enum status status)
{
    return status == STATUS_CONFLICT ? STATUS_UNAVAILABLE : status;
}

PG_QUERY(keys_issue_all,
         "with changed as (\n"
         "  insert into license.keys (key, plan, expires_at)\n"
         "  select unnest($3::text[]), $4, now() + make_interval(days => $5::integer)\n"
         "  returning *\n"
         ")" CHANGED_KEYS("issued", ""));

enum status keys_issue(struct call *call, struct list keys, const char *plan, int64_t days,
                       struct license_keys *ret_keys)
{
    /* Keys are letters, digits and hyphens: nothing to quote. */
    const char *array = arena_printf(call->arena, "{%s}", list_join(call->arena, keys, ','));
    AUTO(PQclear) PGresult *rows = NULL;
    enum status status =
        pg_each(call->db, keys_issue_all, &rows, PG_TEXT("admin"), PG_TEXT(call->caller.address),
                PG_TEXT(array), PG_TEXT(plan), PG_INT(days));
    if (status != STATUS_OK)
        return issued(status);
    call_announce(call);
    *ret_keys = keys_read(call, rows);
    return STATUS_OK;
}

/* Of equal orders at the same time the first inserts; the others wait for it, and then insert
 * nothing, and so no key either. */
PG_QUERY(orders_issue_one,
         "with ordered as (\n"
         "  insert into license.orders (order_id, key, plan, ttl_days, email, amount, currency)\n"
         "  values ($3, $4, $5, $6, $7, $8, $9)\n"
         "  on conflict (order_id) do nothing\n"
         "  returning key, plan, ttl_days\n"
         "), changed as (\n"
         "  insert into license.keys (key, plan, expires_at)\n"
         "  select key, plan, now() + make_interval(days => ttl_days)\n"
         "  from ordered\n"
         "  returning *\n"
         ")" CHANGED_KEYS("issued", " || jsonb_build_object('order_id', $3::text)"));

enum status orders_issue(struct call *call, const struct order *order, const char *key,
                         struct license_key *ret_key)
{
    AUTO(PQclear) PGresult *row = NULL;
    enum status status = pg_maybe(
        call->db, orders_issue_one, &row, PG_TEXT("web"), PG_TEXT(call->caller.address),
        PG_TEXT(order->order_id), PG_TEXT(key), PG_TEXT(order->plan), PG_INT(order->ttl_days),
        PG_TEXT(order->email), order->has_amount ? PG_INT(order->amount) : PG_TEXT(NULL),
        PG_TEXT(order->currency));
    if (status != STATUS_OK)
        return issued(status);
    call_announce(call);
    *ret_key = key_read(call, row, 0);
    return STATUS_OK;
}

PG_QUERY(orders_key_of, "select\n" KEY_COLUMNS "from license.keys\n"
                        "where key = (select orders.key from license.orders where order_id = $1)");

enum status orders_find(struct call *call, const char *order_id, struct license_key *ret_key)
{
    AUTO(PQclear) PGresult *row = NULL;
    enum status status = pg_maybe(call->db, orders_key_of, &row, PG_TEXT(order_id));
    if (status == STATUS_OK)
        *ret_key = key_read(call, row, 0);
    return status;
}
