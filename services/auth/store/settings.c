/* SPDX-License-Identifier: MIT */
#include "services/auth/store/settings.h"

#define LIST_SEPARATOR '\x1f'

struct settings_reply settings_read(struct call *call, const PGresult *row)
{
    struct arena *arena = call->arena;
    const char *words = pg_text(row, 0, "blocked_words", arena);
    const char *users = pg_text(row, 0, "blocked_users", arena);
    return (struct settings_reply){
        .voice_id = pg_text(row, 0, "voice_id", arena),
        .tts_enabled = pg_bool(row, 0, "tts_enabled"),
        .gift_sounds_enabled = pg_bool(row, 0, "gift_sounds_enabled"),
        .tts_volume = pg_int(row, 0, "tts_volume"),
        .gifts_volume = pg_int(row, 0, "gifts_volume"),
        .tiktok_username = pg_text(row, 0, "tiktok_username", arena),
        .chat_tts_mode = pg_text(row, 0, "chat_tts_mode", arena),
        .chat_tts_prefixes = pg_text(row, 0, "chat_tts_prefixes", arena),
        .chat_tts_min_diamonds = pg_int(row, 0, "chat_tts_min_diamonds"),
        .gift_tts_enabled = pg_bool(row, 0, "gift_tts_enabled"),
        .blocked_words = list_split(arena, words, LIST_SEPARATOR),
        .blocked_users = list_split(arena, users, LIST_SEPARATOR),
        .read_links = pg_bool(row, 0, "read_links"),
        .max_spoken_chars = pg_int(row, 0, "max_spoken_chars"),
    };
}

PG_QUERY(settings_update_one,
         "with settings as (\n"
         "  update auth.settings\n"
         "  set voice_id = coalesce($2, voice_id),\n"
         "    tts_enabled = coalesce($3::boolean, tts_enabled),\n"
         "    gift_sounds_enabled = coalesce($4::boolean, gift_sounds_enabled),\n"
         "    tts_volume = coalesce($5::integer, tts_volume),\n"
         "    gifts_volume = coalesce($6::integer, gifts_volume),\n"
         "    tiktok_username = nullif(coalesce($7, tiktok_username), ''),\n"
         "    chat_tts_mode = coalesce($8, chat_tts_mode),\n"
         "    chat_tts_prefixes = coalesce($9, chat_tts_prefixes),\n"
         "    chat_tts_min_diamonds = coalesce($10::integer, chat_tts_min_diamonds),\n"
         "    gift_tts_enabled = coalesce($11::boolean, gift_tts_enabled),\n"
         "    blocked_words = coalesce(string_to_array($12, e'\\x1f'), blocked_words),\n"
         "    blocked_users = coalesce(string_to_array($13, e'\\x1f'), blocked_users),\n"
         "    read_links = coalesce($14::boolean, read_links),\n"
         "    max_spoken_chars = coalesce($15::integer, max_spoken_chars),\n"
         "    updated_at = now()\n"
         "  where user_id = $1::uuid\n"
         "  returning *\n"
         "),\n"
         "told as (\n"
         "  insert into auth.outbox (what, body)\n"
         "  select 'settings_changed', jsonb_build_object('user_id', user_id)\n"
         "  from settings\n"
         ")\n"
         "select\n" SETTINGS_COLUMNS "\n"
         "from settings");

static struct pg_param maybe_bool(bool has, bool value)
{
    return has ? PG_BOOL(value) : PG_TEXT(NULL);
}

static struct pg_param maybe_int(bool has, int64_t value)
{
    return has ? PG_INT(value) : PG_TEXT(NULL);
}

/* A list that is not named has no items, not even an empty array of them. */
static struct pg_param maybe_list(struct call *call, struct list list)
{
    return PG_TEXT(list.items ? list_join(call->arena, list, LIST_SEPARATOR) : NULL);
}

enum status settings_update(struct call *call, const char *user_id,
                            const struct update_settings_request *changes,
                            struct settings_reply *ret_settings)
{
    AUTO(PQclear) PGresult *row = NULL;
    enum status status =
        pg_maybe(call->db, settings_update_one, &row, PG_TEXT(user_id), PG_TEXT(changes->voice_id),
                 maybe_bool(changes->has_tts_enabled, changes->tts_enabled),
                 maybe_bool(changes->has_gift_sounds_enabled, changes->gift_sounds_enabled),
                 maybe_int(changes->has_tts_volume, changes->tts_volume),
                 maybe_int(changes->has_gifts_volume, changes->gifts_volume),
                 PG_TEXT(changes->tiktok_username), PG_TEXT(changes->chat_tts_mode),
                 PG_TEXT(changes->chat_tts_prefixes),
                 maybe_int(changes->has_chat_tts_min_diamonds, changes->chat_tts_min_diamonds),
                 maybe_bool(changes->has_gift_tts_enabled, changes->gift_tts_enabled),
                 maybe_list(call, changes->blocked_words), maybe_list(call, changes->blocked_users),
                 maybe_bool(changes->has_read_links, changes->read_links),
                 maybe_int(changes->has_max_spoken_chars, changes->max_spoken_chars));
    if (status != STATUS_OK)
        return status;
    call_announce(call);
    *ret_settings = settings_read(call, row);
    return STATUS_OK;
}
