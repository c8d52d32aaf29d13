/* SPDX-License-Identifier: MIT */
#include "services/media/store/sounds.h"

#include "services/media/store/texts.h"

#define TRIED_AT_ONCE 64
#define NOBODY "00000000-0000-0000-0000-000000000000"

PG_QUERY(sounds_total_of_user,
         "select count(*) as count, coalesce(sum(bytes), 0)::bigint as bytes\n"
         "from media.sounds\n"
         "where user_id = $1::uuid");

enum status sounds_total(struct call *call, const char *user_id, struct sound_totals *ret_totals)
{
    AUTO(PQclear) PGresult *row = NULL;
    enum status status = pg_one(call->db, sounds_total_of_user, &row, PG_TEXT(user_id));
    if (status == STATUS_OK)
        *ret_totals = (struct sound_totals){.count = pg_int(row, 0, "count"),
                                            .bytes = pg_int(row, 0, "bytes")};
    return status;
}

/* ---- names ---- */

/* Of text, for a parameter: quoted, since a sound may be called NULL. */
static const char *array_of(struct arena *arena, const struct filename *names, size_t count)
{
    char *array = arena_alloc(arena, count * (FILENAME_SIZE + 2) + sizeof("{}"));
    char *end = array;
    *end++ = '{';
    for (size_t i = 0; i < count; i++)
        end += snprintf(end, FILENAME_SIZE + 3, "%s\"%s\"", i == 0 ? "" : ",", names[i].text);
    *end = '}';
    return array;
}

PG_QUERY(sounds_free_one, "select min(candidate.place) as place\n"
                          "from unnest($2::text[]) with ordinality as candidate (filename, place)\n"
                          "where not exists (\n"
                          "  select\n"
                          "  from media.sounds\n"
                          "  where sounds.user_id = $1::uuid\n"
                          "    and sounds.filename = candidate.filename\n"
                          ")");

enum status sounds_free_number(struct call *call, const char *user_id, const struct filename *name,
                               unsigned from, unsigned *ret_number)
{
    struct filename candidates[TRIED_AT_ONCE];
    for (;; from += TRIED_AT_ONCE) {
        for (unsigned i = 0; i < TRIED_AT_ONCE; i++)
            filename_number(name, from + i, &candidates[i]);
        AUTO(PQclear) PGresult *row = NULL;
        const char *array = array_of(call->arena, candidates, TRIED_AT_ONCE);
        enum status status =
            pg_one(call->db, sounds_free_one, &row, PG_TEXT(user_id), PG_TEXT(array));
        if (status != STATUS_OK)
            return status;
        if (pg_is_null(row, 0, "place"))
            continue;
        *ret_number = from + (unsigned)pg_int(row, 0, "place") - 1;
        return STATUS_OK;
    }
}

PG_QUERY(sounds_unknown_of_user, "select candidate.filename\n"
                                 "from unnest($2::text[]) as candidate (filename)\n"
                                 "where not exists (\n"
                                 "  select\n"
                                 "  from media.sounds\n"
                                 "  where sounds.user_id = $1::uuid\n"
                                 "    and sounds.filename = candidate.filename\n"
                                 ")");

enum status sounds_unknown(struct call *call, const char *user_id, const struct filename *names,
                           size_t count, struct list *ret_unknown)
{
    AUTO(PQclear) PGresult *rows = NULL;
    const char *array = array_of(call->arena, names, count);
    enum status status =
        pg_each(call->db, sounds_unknown_of_user, &rows, PG_TEXT(user_id), PG_TEXT(array));
    if (status == STATUS_OK)
        *ret_unknown = texts_of(call, rows, "filename");
    return status;
}

/* ---- rows ---- */

PG_QUERY(sounds_insert_one,
         "insert into media.sounds (user_id, filename, bytes, duration_ms, format)\n"
         "values ($1::uuid, $2, $3::integer, $4::integer, $5)");

enum status sounds_insert(struct call *call, const char *user_id, const struct sound *sound)
{
    return pg_none(call->db, sounds_insert_one, NULL, PG_TEXT(user_id), PG_TEXT(sound->filename),
                   PG_INT(sound->bytes), PG_INT(sound->duration_ms), PG_TEXT(sound->format));
}

PG_QUERY(sounds_list_of_user, "select filename\n"
                              "from media.sounds\n"
                              "where user_id = $1::uuid\n"
                              "order by created_at desc, filename");

enum status sounds_list(struct call *call, const char *user_id, struct list *ret_names)
{
    AUTO(PQclear) PGresult *rows = NULL;
    enum status status = pg_each(call->db, sounds_list_of_user, &rows, PG_TEXT(user_id));
    if (status == STATUS_OK)
        *ret_names = texts_of(call, rows, "filename");
    return status;
}

PG_QUERY(sounds_delete_one, "with use as (\n"
                            "  select\n"
                            "  from media.sound_uses\n"
                            "  where user_id = $1::uuid and filename = $2\n"
                            "  limit 1\n"
                            "),\n"
                            "gone as (\n"
                            "  delete from media.sounds\n"
                            "  where user_id = $1::uuid and filename = $2\n"
                            "    and not exists (select from use)\n"
                            "  returning filename\n"
                            ")\n"
                            "select\n"
                            "  exists (select from use) as is_used,\n"
                            "  exists (select from gone) as is_gone");

enum status sounds_delete(struct call *call, const char *user_id, const char *filename)
{
    AUTO(PQclear) PGresult *row = NULL;
    enum status status =
        pg_one(call->db, sounds_delete_one, &row, PG_TEXT(user_id), PG_TEXT(filename));
    if (status != STATUS_OK)
        return status;
    if (pg_bool(row, 0, "is_used"))
        return STATUS_CONFLICT;
    return pg_bool(row, 0, "is_gone") ? STATUS_OK : STATUS_NOT_FOUND;
}

PG_QUERY(sounds_after_key, "select user_id, filename\n"
                           "from media.sounds\n"
                           "where (user_id, filename) > ($1::uuid, $2)\n"
                           "order by user_id, filename\n"
                           "limit $3::integer");

enum status sounds_after(struct call *call, const struct sound_key *after, unsigned max,
                         struct list *ret_keys)
{
    AUTO(PQclear) PGresult *rows = NULL;
    const char *user_id = after->user_id[0] ? after->user_id : NOBODY;
    enum status status = pg_each(call->db, sounds_after_key, &rows, PG_TEXT(user_id),
                                 PG_TEXT(after->filename.text), PG_INT(max));
    if (status != STATUS_OK)
        return status;
    size_t count = (size_t)PQntuples(rows);
    struct sound_key *keys = ARENA_ARRAY(call->arena, struct sound_key, count);
    for (size_t i = 0; i < count; i++) {
        snprintf(keys[i].user_id, sizeof(keys[i].user_id), "%s", PQgetvalue(rows, (int)i, 0));
        snprintf(keys[i].filename.text, FILENAME_SIZE, "%s", PQgetvalue(rows, (int)i, 1));
    }
    *ret_keys = (struct list){.items = keys, .count = count};
    return STATUS_OK;
}
