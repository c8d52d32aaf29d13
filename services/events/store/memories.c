/* SPDX-License-Identifier: MIT */
#include "services/events/store/memories.h"

#include "lib/base/buffer.h"

#include <inttypes.h>

#define VALUE_MAX_BYTES ((size_t)288) /* a name of 136 bytes, each escaped */

/* ---- arrays, as Postgres reads them ---- */

static void add_value(struct buffer *array, const char *value)
{
    buffer_add_char(array, array->size == 0 ? '{' : ',');
    buffer_add_text(array, value);
}

/* Any text: without quotes null is none, and a comma two. */
static void add_text(struct buffer *array, const char *text)
{
    add_value(array, "\"");
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            buffer_add_char(array, '\\');
        buffer_add_char(array, *text);
    }
    buffer_add_char(array, '"');
}

static void add_number(struct buffer *array, int64_t value)
{
    char text[24];
    (void)snprintf(text, sizeof(text), "%" PRId64, value);
    add_value(array, text);
}

static const char *finish(struct buffer *array)
{
    buffer_add_text(array, array->size == 0 ? "{}" : "}");
    return buffer_text(array);
}

/* ---- firings ---- */

/* The triggers are locked, in an order that all keep to: one that is deleted meanwhile is either
 * still there at the end, or has not been known at all. */
PG_QUERY(firings_insert_all,
         "with fired as (\n"
         "  select *\n"
         "  from unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::boolean[])\n"
         "    as fired (trigger_id, room_id, viewer_id, at_ms, is_kept)\n"
         "), known as (\n"
         "  select id\n"
         "  from events.triggers\n"
         "  where id in (select trigger_id from fired)\n"
         "  order by id\n"
         "  for no key update\n"
         "), counted as (\n"
         "  update events.triggers\n"
         "  set executed_count = executed_count + times.count\n"
         "  from (\n"
         "    select trigger_id, count(*) as count\n"
         "    from fired\n"
         "    where viewer_id = 0\n"
         "    group by trigger_id\n"
         "  ) as times\n"
         "  join known on known.id = times.trigger_id\n"
         "  where triggers.id = known.id\n"
         ")\n"
         "insert into events.firings as firings (trigger_id, room_id, viewer_id, fired_at)\n"
         "select fired.trigger_id, fired.room_id, fired.viewer_id,\n"
         "  to_timestamp(max(fired.at_ms)::double precision / 1000)\n"
         "from fired\n"
         "join known on known.id = fired.trigger_id\n"
         "where fired.is_kept\n"
         "group by fired.trigger_id, fired.room_id, fired.viewer_id\n"
         "order by fired.trigger_id, fired.room_id, fired.viewer_id\n"
         "on conflict (trigger_id, room_id, viewer_id) do update\n"
         "set fired_at = greatest(firings.fired_at, excluded.fired_at)");

enum status firings_insert(struct pg *db, const struct firing *firings, size_t count)
{
    size_t max = (count + 1) * VALUE_MAX_BYTES;
    AUTO_BUFFER(ids, max);
    AUTO_BUFFER(rooms, max);
    AUTO_BUFFER(viewers, max);
    AUTO_BUFFER(times, max);
    AUTO_BUFFER(kept, max);
    for (size_t i = 0; i < count; i++) {
        add_value(&ids, firings[i].trigger_id);
        add_number(&rooms, firings[i].room_id);
        add_number(&viewers, firings[i].viewer_id);
        add_number(&times, firings[i].at_ms);
        add_value(&kept, firings[i].is_kept ? "t" : "f");
    }
    return pg_none(db, firings_insert_all, NULL, PG_TEXT(finish(&ids)), PG_TEXT(finish(&rooms)),
                   PG_TEXT(finish(&viewers)), PG_TEXT(finish(&times)), PG_TEXT(finish(&kept)));
}

PG_QUERY(firings_of_user,
         "select trigger_id, room_id, viewer_id,\n"
         "  (extract(epoch from fired_at) * 1000)::bigint as at_ms\n"
         "from (\n"
         "  select firings.trigger_id, firings.room_id, firings.viewer_id, firings.fired_at\n"
         "  from events.triggers\n"
         "  join events.firings on firings.trigger_id = triggers.id\n"
         "  where triggers.user_id = $1::uuid\n"
         "    and firings.fired_at > now() - interval '1 day'\n"
         "  order by firings.viewer_id <> 0, firings.fired_at desc\n"
         "  limit $2::integer\n"
         ") as latest\n"
         "order by fired_at");

enum status firings_load(struct pg *db, const char *user_id, size_t max, struct arena *arena,
                         struct firing **ret_firings, size_t *ret_count)
{
    AUTO(PQclear) PGresult *rows = NULL;
    enum status status =
        pg_each(db, firings_of_user, &rows, PG_TEXT(user_id), PG_INT((int64_t)max));
    if (status != STATUS_OK)
        return status;
    int count = PQntuples(rows);
    struct firing *firings = ARENA_ARRAY(arena, struct firing, (size_t)count);
    for (int i = 0; i < count; i++)
        firings[i] =
            (struct firing){pg_text(rows, i, "trigger_id", arena), pg_int(rows, i, "room_id"),
                            pg_int(rows, i, "viewer_id"), pg_int(rows, i, "at_ms"), true};
    *ret_firings = firings;
    *ret_count = (size_t)count;
    return STATUS_OK;
}

/* ---- viewers ---- */

PG_QUERY(viewers_upsert_all,
         "insert into events.viewers as viewers\n"
         "  (room_id, viewer_id, username, has_spoken, diamonds, seen_at)\n"
         "select room_id, viewer_id, min(username), bool_or(has_spoken), max(diamonds), now()\n"
         "from unnest($1::bigint[], $2::bigint[], $3::text[], $4::boolean[], $5::bigint[])\n"
         "  as seen (room_id, viewer_id, username, has_spoken, diamonds)\n"
         "group by room_id, viewer_id\n"
         "order by room_id, viewer_id\n"
         "on conflict (room_id, viewer_id) do update\n"
         "set has_spoken = viewers.has_spoken or excluded.has_spoken,\n"
         "  diamonds = greatest(viewers.diamonds, excluded.diamonds),\n"
         "  seen_at = excluded.seen_at");

enum status viewers_upsert(struct pg *db, const struct viewer_memory *viewers, size_t count)
{
    size_t max = (count + 1) * VALUE_MAX_BYTES;
    AUTO_BUFFER(rooms, max);
    AUTO_BUFFER(ids, max);
    AUTO_BUFFER(names, max);
    AUTO_BUFFER(spoken, max);
    AUTO_BUFFER(diamonds, max);
    for (size_t i = 0; i < count; i++) {
        add_number(&rooms, viewers[i].room_id);
        add_number(&ids, viewers[i].viewer_id);
        add_text(&names, viewers[i].username);
        add_value(&spoken, viewers[i].has_spoken ? "t" : "f");
        add_number(&diamonds, viewers[i].diamonds);
    }
    return pg_none(db, viewers_upsert_all, NULL, PG_TEXT(finish(&rooms)), PG_TEXT(finish(&ids)),
                   PG_TEXT(finish(&names)), PG_TEXT(finish(&spoken)), PG_TEXT(finish(&diamonds)));
}

PG_QUERY(viewers_of_streamer, "select room_id, viewer_id, has_spoken, diamonds\n"
                              "from (\n"
                              "  select room_id, viewer_id, has_spoken, diamonds, seen_at\n"
                              "  from events.viewers\n"
                              "  where username = $1\n"
                              "  order by seen_at desc\n"
                              "  limit $2::integer\n"
                              ") as latest\n"
                              "order by seen_at");

enum status viewers_load(struct pg *db, const char *username, size_t max, struct arena *arena,
                         struct viewer_memory **ret_viewers, size_t *ret_count)
{
    AUTO(PQclear) PGresult *rows = NULL;
    enum status status =
        pg_each(db, viewers_of_streamer, &rows, PG_TEXT(username), PG_INT((int64_t)max));
    if (status != STATUS_OK)
        return status;
    int count = PQntuples(rows);
    struct viewer_memory *viewers = ARENA_ARRAY(arena, struct viewer_memory, (size_t)count);
    for (int i = 0; i < count; i++)
        viewers[i] = (struct viewer_memory){
            username, pg_int(rows, i, "room_id"), pg_int(rows, i, "viewer_id"),
            pg_bool(rows, i, "has_spoken"), pg_int(rows, i, "diamonds")};
    *ret_viewers = viewers;
    *ret_count = (size_t)count;
    return STATUS_OK;
}

/* ---- both ---- */

PG_QUERY(memories_forget, "with old as (\n"
                          "  delete from events.firings\n"
                          "  where fired_at < now() - interval '1 day'\n"
                          ")\n"
                          "delete from events.viewers\n"
                          "where seen_at < now() - interval '1 day'");

enum status memories_forget_old(struct pg *db)
{
    return pg_none(db, memories_forget, NULL);
}
