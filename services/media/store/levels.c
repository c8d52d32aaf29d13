/* SPDX-License-Identifier: MIT */
#include "services/media/store/levels.h"

#define NUMBER_SIZE 32

PG_QUERY(levels_find_next, "select user_id, filename, created_at, bytes\n"
                           "from media.sounds\n"
                           "where not is_levelled\n"
                           "  and created_at > coalesce($1::timestamptz, '-infinity')\n"
                           "order by created_at\n"
                           "limit 1");

enum status levels_find(struct call *call, const char *after, struct unlevelled *ret_sound)
{
    AUTO(PQclear) PGresult *row = NULL;
    enum status status = pg_maybe(call->db, levels_find_next, &row, PG_TEXT(after));
    if (status == STATUS_OK)
        *ret_sound = (struct unlevelled){
            .user_id = pg_text(row, 0, "user_id", call->arena),
            .filename = pg_text(row, 0, "filename", call->arena),
            .created_at = pg_text(row, 0, "created_at", call->arena),
            .bytes = pg_int(row, 0, "bytes"),
        };
    return status;
}

#define OF_SOUND                                                                                   \
    "where user_id = $1::uuid\n"                                                                   \
    "  and filename = $2\n"                                                                        \
    "  and created_at = $3::timestamptz\n"                                                         \
    "  and not is_levelled"

PG_QUERY(levels_check_one, "select bytes\n"
                           "from media.sounds\n" OF_SOUND);

enum status levels_check(struct call *call, const struct unlevelled *sound)
{
    AUTO(PQclear) PGresult *row = NULL;
    return pg_maybe(call->db, levels_check_one, &row, PG_TEXT(sound->user_id),
                    PG_TEXT(sound->filename), PG_TEXT(sound->created_at));
}

PG_QUERY(levels_write_one, "update media.sounds\n"
                           "set is_levelled = true,\n"
                           "  bytes = $4::integer,\n"
                           "  loudness_lufs = $5::real,\n"
                           "  peak_dbtp = $6::real,\n"
                           "  gain_db = $7::real,\n"
                           "  format = coalesce($8::text, format)\n" OF_SOUND);

enum status levels_write(struct call *call, const struct unlevelled *sound,
                         const struct levelled *result)
{
    char loudness[NUMBER_SIZE], peak[NUMBER_SIZE], gain[NUMBER_SIZE];
    snprintf(loudness, sizeof(loudness), "%.9g", result->loudness_lufs);
    snprintf(peak, sizeof(peak), "%.9g", result->peak_dbtp);
    snprintf(gain, sizeof(gain), "%.9g", result->gain_db);
    return pg_none(call->db, levels_write_one, NULL, PG_TEXT(sound->user_id),
                   PG_TEXT(sound->filename), PG_TEXT(sound->created_at), PG_INT(result->bytes),
                   PG_TEXT(result->is_silent ? NULL : loudness),
                   PG_TEXT(result->is_silent ? NULL : peak), PG_TEXT(gain),
                   PG_TEXT(result->format));
}
