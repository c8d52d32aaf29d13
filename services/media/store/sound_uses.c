/* SPDX-License-Identifier: MIT */
#include "services/media/store/sound_uses.h"

PG_QUERY(sound_uses_set_one, "insert into media.sound_uses (user_id, trigger_id, filename)\n"
                             "select user_id, $2::uuid, filename\n"
                             "from media.sounds\n"
                             "where user_id = $1::uuid and filename = $3\n"
                             "on conflict (user_id, trigger_id) do update\n"
                             "set filename = excluded.filename");

enum status sound_uses_set(struct call *call, const char *user_id, const char *trigger_id,
                           const char *filename)
{
    int64_t changed = 0;
    enum status status = pg_none(call->db, sound_uses_set_one, &changed, PG_TEXT(user_id),
                                 PG_TEXT(trigger_id), PG_TEXT(filename));
    return status == STATUS_OK && changed == 0 ? STATUS_NOT_FOUND : status;
}

PG_QUERY(sound_uses_clear_one, "delete from media.sound_uses\n"
                               "where user_id = $1::uuid and trigger_id = $2::uuid");

enum status sound_uses_clear(struct call *call, const char *user_id, const char *trigger_id)
{
    return pg_none(call->db, sound_uses_clear_one, NULL, PG_TEXT(user_id), PG_TEXT(trigger_id));
}
