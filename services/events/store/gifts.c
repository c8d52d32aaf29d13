/* SPDX-License-Identifier: MIT */
#include "services/events/store/gifts.h"

#include "lib/base/json_writer.h"

#define UPSERT_MAX_BYTES ((size_t)16 * 1024 * 1024)

/* ---- writing ---- */

/* As JSON, which mends what is no UTF-8, and which Postgres reads as rows. */
static void write_gifts(const struct gift *gifts, size_t count, struct buffer *out)
{
    struct json_writer writer;
    json_init(&writer, out);
    json_open(&writer, '[');
    for (size_t i = 0; i < count; i++) {
        json_open(&writer, '{');
        json_pair_int(&writer, "id", gifts[i].id);
        json_pair_text(&writer, "name", gifts[i].name);
        json_pair_int(&writer, "diamonds", gifts[i].diamond_count);
        json_pair_text(&writer, "image", gifts[i].image);
        json_close(&writer, '}');
    }
    json_close(&writer, ']');
}

/* In the order of ids, so that replicas that write the same gifts wait for one another. */
PG_QUERY(gifts_upsert_all,
         "insert into events.gifts as gifts (\n"
         "  gift_id, name, diamond_count, image, image_seen_at, first_seen_at, seen_at\n"
         ")\n"
         "select\n"
         "  seen.id,\n"
         "  seen.name,\n"
         "  seen.diamonds,\n"
         "  seen.image,\n"
         "  case when seen.image is not null then now() end,\n"
         "  now(),\n"
         "  now()\n"
         "from jsonb_to_recordset($1::jsonb)\n"
         "  as seen (id bigint, name text, diamonds integer, image text)\n"
         "order by seen.id\n"
         "on conflict (gift_id) do update\n"
         "set name = excluded.name,\n"
         "  diamond_count = excluded.diamond_count,\n"
         "  image = coalesce(excluded.image, gifts.image),\n"
         "  image_seen_at = coalesce(excluded.image_seen_at, gifts.image_seen_at),\n"
         "  first_seen_at = coalesce(gifts.first_seen_at, excluded.first_seen_at),\n"
         "  seen_at = excluded.seen_at");

enum status gifts_upsert(struct pg *db, const struct gift *gifts, size_t count)
{
    AUTO_BUFFER(json, UPSERT_MAX_BYTES);
    write_gifts(gifts, count, &json);
    return pg_none(db, gifts_upsert_all, NULL, PG_TEXT(buffer_text(&json)));
}

/* ---- reading ---- */

#define GIFT_COLUMNS                                                                               \
    "  gift_id,\n"                                                                                 \
    "  name,\n"                                                                                    \
    "  diamond_count,\n"                                                                           \
    "  case\n"                                                                                     \
    "    when image_seen_at > now() - make_interval(hours => $1::integer) then image\n"            \
    "  end as image"
#define GIFT_ORDER "diamond_count, lower(name) collate \"C\", gift_id"

static struct gift read_gift(const PGresult *rows, int row, struct arena *arena)
{
    return (struct gift){
        .id = pg_int(rows, row, "gift_id"),
        .name = pg_text(rows, row, "name", arena),
        .diamond_count = pg_int(rows, row, "diamond_count"),
        .image = pg_text(rows, row, "image", arena),
    };
}

PG_QUERY(gifts_list_all, "select\n" GIFT_COLUMNS "\n"
                         "from events.gifts\n"
                         "order by " GIFT_ORDER "\n"
                         "limit $2::integer");

enum status gifts_list(struct pg *db, struct arena *arena, struct gift **ret_gifts,
                       size_t *ret_count)
{
    AUTO(PQclear) PGresult *rows = NULL;
    enum status status =
        pg_each(db, gifts_list_all, &rows, PG_INT(GIFTS_IMAGE_HOURS), PG_INT(GIFTS_MAX));
    if (status != STATUS_OK)
        return status;
    int count = PQntuples(rows);
    struct gift *gifts = ARENA_ARRAY(arena, struct gift, (size_t)count);
    for (int i = 0; i < count; i++)
        gifts[i] = read_gift(rows, i, arena);
    *ret_gifts = gifts;
    *ret_count = (size_t)count;
    return STATUS_OK;
}

PG_QUERY(gifts_list_all_names, "select name\n"
                               "from events.gifts\n"
                               "group by name\n"
                               "order by min(diamond_count), lower(name) collate \"C\", name\n"
                               "limit $1::integer");

enum status gifts_list_names(struct pg *db, struct arena *arena, struct list *ret_names)
{
    AUTO(PQclear) PGresult *rows = NULL;
    enum status status = pg_each(db, gifts_list_all_names, &rows, PG_INT(GIFTS_MAX));
    if (status != STATUS_OK)
        return status;
    int count = PQntuples(rows);
    const char **names = ARENA_ARRAY(arena, const char *, (size_t)count);
    for (int i = 0; i < count; i++)
        names[i] = pg_text(rows, i, "name", arena);
    *ret_names = (struct list){names, (size_t)count};
    return STATUS_OK;
}

PG_QUERY(gifts_by_id, "select\n" GIFT_COLUMNS "\n"
                      "from events.gifts\n"
                      "where gift_id = $2::bigint");

enum status gifts_find(struct pg *db, struct arena *arena, int64_t id, struct gift *ret_gift)
{
    AUTO(PQclear) PGresult *row = NULL;
    enum status status = pg_maybe(db, gifts_by_id, &row, PG_INT(GIFTS_IMAGE_HOURS), PG_INT(id));
    if (status == STATUS_OK)
        *ret_gift = read_gift(row, 0, arena);
    return status;
}

/* ---- TikTok's list ---- */

PG_QUERY(gift_list_claim_it, "insert into events.gift_list as list (asked_at)\n"
                             "values (now())\n"
                             "on conflict (is_only) do update\n"
                             "set asked_at = excluded.asked_at\n"
                             "where list.asked_at <= now() - make_interval(secs => $1::integer)\n"
                             "returning asked_at");

enum status gift_list_claim(struct pg *db, int64_t every_s)
{
    AUTO(PQclear) PGresult *row = NULL;
    return pg_maybe(db, gift_list_claim_it, &row, PG_INT(every_s));
}
