/* SPDX-License-Identifier: MIT */
#include "services/license/store/keys.h"

#include "services/license/store/key_sql.h"

struct license_key key_read(struct call *call, const PGresult *rows, int row)
{
    return (struct license_key){
        .key = pg_text(rows, row, "key", call->arena),
        .plan = pg_text(rows, row, "plan", call->arena),
        .status = pg_text(rows, row, "status", call->arena),
        .issued_at = pg_text(rows, row, "issued_at", call->arena),
        .expires_at = pg_text(rows, row, "expires_at", call->arena),
        .user_id = pg_text(rows, row, "user_id", call->arena),
        .max_devices = pg_int(rows, row, "max_devices"),
        .devices_bound = pg_int(rows, row, "devices_bound"),
        .is_expired = pg_bool(rows, row, "is_expired"),
    };
}

struct license_keys keys_read(struct call *call, const PGresult *rows)
{
    int count = PQntuples(rows);
    struct license_key *items = ARENA_ARRAY(call->arena, struct license_key, (size_t)count);
    for (int row = 0; row < count; row++)
        items[row] = key_read(call, rows, row);
    return (struct license_keys){items, (size_t)count};
}

PG_QUERY(keys_by_key, "select\n" KEY_COLUMNS "from license.keys\n"
                      "where key = $1");

enum status keys_find(struct call *call, const char *key, struct license_key *ret_key)
{
    AUTO(PQclear) PGresult *row = NULL;
    enum status status = pg_maybe(call->db, keys_by_key, &row, PG_TEXT(key));
    if (status == STATUS_OK)
        *ret_key = key_read(call, row, 0);
    return status;
}

/* The keys of one bulk issue have one time: the key itself decides, so that pages don't overlap. */
PG_QUERY(keys_newest, "select\n" KEY_COLUMNS "from license.keys\n"
                      "order by keys.issued_at desc, key\n"
                      "limit $1\n"
                      "offset $2");

enum status keys_list(struct call *call, int64_t limit, int64_t offset,
                      struct license_keys *ret_keys)
{
    AUTO(PQclear) PGresult *rows = NULL;
    enum status status = pg_each(call->db, keys_newest, &rows, PG_INT(limit), PG_INT(offset));
    if (status == STATUS_OK)
        *ret_keys = keys_read(call, rows);
    return status;
}
