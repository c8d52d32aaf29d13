/* SPDX-License-Identifier: MIT */
#include "services/media/store/owners.h"

#include "services/media/store/texts.h"

#define BATCH_ROWS 500
#define BATCHES_MAX 20

/* The update that changes nothing is there for its lock: between an insert and a select the row
 * could be tidied away. */
PG_QUERY(owners_lock_one, "insert into media.owners (user_id)\n"
                          "values ($1::uuid)\n"
                          "on conflict (user_id) do update\n"
                          "set user_id = excluded.user_id\n"
                          "returning erased_at is not null as is_erased");

enum status owners_lock(struct call *call, const char *user_id, bool *ret_is_erased)
{
    AUTO(PQclear) PGresult *row = NULL;
    enum status status = pg_one(call->db, owners_lock_one, &row, PG_TEXT(user_id));
    if (status == STATUS_OK && ret_is_erased)
        *ret_is_erased = pg_bool(row, 0, "is_erased");
    return status;
}

PG_QUERY(owners_mark_erased, "insert into media.owners (user_id, erased_at)\n"
                             "values ($1::uuid, now())\n"
                             "on conflict (user_id) do update\n"
                             "set erased_at = coalesce(owners.erased_at, now())");

PG_QUERY(owners_delete_uses, "delete from media.sound_uses\n"
                             "where user_id = $1::uuid");

PG_QUERY(owners_delete_sounds, "delete from media.sounds\n"
                               "where user_id = $1::uuid");

enum status owners_erase(struct call *call, const char *user_id, int64_t *ret_sounds)
{
    enum status status = pg_none(call->db, owners_mark_erased, NULL, PG_TEXT(user_id));
    if (status != STATUS_OK)
        return status;
    status = pg_none(call->db, owners_delete_uses, NULL, PG_TEXT(user_id));
    if (status != STATUS_OK)
        return status;
    return pg_none(call->db, owners_delete_sounds, ret_sounds, PG_TEXT(user_id));
}

PG_QUERY(owners_erased_since, "select user_id\n"
                              "from media.owners\n"
                              "where erased_at > now() - interval '1 hour'\n"
                              "order by erased_at desc\n"
                              "limit 1000");

enum status owners_erased_lately(struct call *call, struct list *ret_ids)
{
    AUTO(PQclear) PGresult *rows = NULL;
    enum status status = pg_each(call->db, owners_erased_since, &rows);
    if (status == STATUS_OK)
        *ret_ids = texts_of(call, rows, "user_id");
    return status;
}

/* ---- tidying up ---- */

PG_QUERY(owners_tidy_erased, "delete from media.owners\n"
                             "where user_id in (\n"
                             "  select user_id\n"
                             "  from media.owners\n"
                             "  where erased_at <= now() - interval '30 days'\n"
                             "  limit $1::integer\n"
                             "  for update skip locked\n"
                             ")");

PG_QUERY(owners_lock_idle, "select user_id\n"
                           "from media.owners\n"
                           "where erased_at is null\n"
                           "  and not exists (\n"
                           "    select\n"
                           "    from media.sounds\n"
                           "    where sounds.user_id = owners.user_id\n"
                           "  )\n"
                           "limit $1::integer\n"
                           "for update of owners skip locked");

/* A statement of its own, since it sees what was committed until the rows were locked. */
PG_QUERY(owners_delete_idle, "delete from media.owners\n"
                             "where user_id = any($1::uuid[])\n"
                             "  and not exists (\n"
                             "    select\n"
                             "    from media.sounds\n"
                             "    where sounds.user_id = owners.user_id\n"
                             "  )");

struct tidying {
    struct call *call;
    int64_t removed;
};

static const char *array_of_ids(struct arena *arena, const PGresult *rows)
{
    struct buffer ids;
    buffer_init(&ids, (size_t)BATCH_ROWS * 40);
    for (int i = 0; i < PQntuples(rows); i++)
        buffer_printf(&ids, "%c%s", i == 0 ? '{' : ',', PQgetvalue(rows, i, 0));
    buffer_add_char(&ids, '}');
    const char *array = arena_text(arena, buffer_text(&ids));
    buffer_done(&ids);
    return array;
}

static enum status tidy_idle_batch(struct pg *pg, void *closure)
{
    struct tidying *tidying = closure;
    AUTO(PQclear) PGresult *rows = NULL;
    enum status status = pg_each(pg, owners_lock_idle, &rows, PG_INT(BATCH_ROWS));
    if (status != STATUS_OK || PQntuples(rows) == 0)
        return status;
    const char *ids = array_of_ids(tidying->call->arena, rows);
    return pg_none(pg, owners_delete_idle, &tidying->removed, PG_TEXT(ids));
}

static enum status tidy_idle(struct call *call)
{
    for (int batch = 0; batch < BATCHES_MAX; batch++) {
        struct tidying tidying = {.call = call};
        enum status status = pg_transaction(call->db, tidy_idle_batch, &tidying);
        if (status != STATUS_OK || tidying.removed < BATCH_ROWS)
            return status;
    }
    return STATUS_OK;
}

enum status owners_tidy(struct call *call)
{
    enum status status = pg_none(call->db, owners_tidy_erased, NULL, PG_INT(BATCH_ROWS));
    if (status != STATUS_OK)
        return status;
    return tidy_idle(call);
}
