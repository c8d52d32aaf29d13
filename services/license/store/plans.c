/* SPDX-License-Identifier: MIT */
#include "services/license/store/plans.h"

#include "gen/license/messages.h"

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

PG_QUERY(plans_all,
         "select\n"
         "  id,\n"
         "  name,\n"
         "  array_to_string(array(select unnest(platforms) order by 1), ',') as platforms\n"
         "from license.plans\n"
         "order by position");

enum status plans_list(struct call *call, struct list *ret_plans)
{
    AUTO(PQclear) PGresult *rows = NULL;
    enum status status = pg_each(call->db, plans_all, &rows);
    if (status != STATUS_OK)
        return status;

    int count = PQntuples(rows);
    struct plan *plans = ARENA_ARRAY(call->arena, struct plan, (size_t)count);
    for (int row = 0; row < count; row++)
        plans[row] = (struct plan){
            .id = pg_text(rows, row, "id", call->arena),
            .name = pg_text(rows, row, "name", call->arena),
            .allowed_platforms =
                list_split(call->arena, pg_text(rows, row, "platforms", call->arena), ','),
        };
    *ret_plans = (struct list){plans, (size_t)count};
    return STATUS_OK;
}
