/* SPDX-License-Identifier: MIT */
#include "services/events/store/sound_claims.h"

#define AT_ONCE 100

PG_QUERY(sound_claims_insert_one, "insert into events.sound_claims (user_id, trigger_id)\n"
                                  "values ($1::uuid, $2::uuid)\n"
                                  "on conflict (trigger_id) do update\n"
                                  "set made_at = now()");

enum status sound_claims_insert(struct call *call, const char *user_id, const char *trigger_id)
{
    return pg_none(call->db, sound_claims_insert_one, NULL, PG_TEXT(user_id), PG_TEXT(trigger_id));
}

PG_QUERY(sound_claims_delete_one, "delete from events.sound_claims\n"
                                  "where trigger_id = $1::uuid");

enum status sound_claims_delete(struct call *call, const char *trigger_id)
{
    return pg_none(call->db, sound_claims_delete_one, NULL, PG_TEXT(trigger_id));
}

PG_QUERY(sound_claims_left_all, "select trigger_id, user_id\n"
                                "from events.sound_claims\n"
                                "where made_at < now() - interval '1 minute'\n"
                                "order by made_at\n"
                                "limit $1::integer");

enum status sound_claims_left(struct call *call, struct list *ret_claims)
{
    AUTO(PQclear) PGresult *rows = NULL;
    enum status status = pg_each(call->db, sound_claims_left_all, &rows, PG_INT(AT_ONCE));
    if (status != STATUS_OK)
        return status;
    int count = PQntuples(rows);
    struct sound_claim *claims = ARENA_ARRAY(call->arena, struct sound_claim, (size_t)count);
    for (int i = 0; i < count; i++)
        claims[i] = (struct sound_claim){pg_text(rows, i, "trigger_id", call->arena),
                                         pg_text(rows, i, "user_id", call->arena)};
    *ret_claims = (struct list){claims, (size_t)count};
    return STATUS_OK;
}

PG_QUERY(sound_claims_truth_of, "select max(sound_filename) as sound_filename\n"
                                "from events.triggers\n"
                                "where id = $1::uuid and action = 'play_sound'");

enum status sound_claims_truth(struct call *call, const char *trigger_id, const char **ret_filename)
{
    AUTO(PQclear) PGresult *row = NULL;
    enum status status = pg_one(call->db, sound_claims_truth_of, &row, PG_TEXT(trigger_id));
    if (status == STATUS_OK)
        *ret_filename = pg_text(row, 0, "sound_filename", call->arena);
    return status;
}
