/* SPDX-License-Identifier: MIT */
#include "services/events/store/streams.h"

PG_QUERY(
    watches_upsert_one,
    "insert into events.watches as watches (user_id, username, wanted_until, state_wanted_at)\n"
    "values ($1::uuid, $2, now() + make_interval(secs => $3::integer),\n"
    "  case when $5::boolean then clock_timestamp() end)\n"
    "on conflict (user_id) do update\n"
    "set username = case\n"
    "    when $4::boolean\n"
    "      or watches.wanted_until <= now()\n"
    "      or (watches.is_paused and $5::boolean)\n"
    "    then excluded.username\n"
    "    else watches.username\n"
    "  end,\n"
    "  wanted_until = excluded.wanted_until,\n"
    "  is_paused = watches.is_paused and watches.wanted_until > now() and not $5::boolean,\n"
    "  state_wanted_at = coalesce(excluded.state_wanted_at, watches.state_wanted_at)\n"
    "returning username");

enum status watches_upsert(struct pg *db, const char *user_id, const char *username,
                           enum watch_wish wish, struct arena *arena, const char **ret_username)
{
    AUTO(PQclear) PGresult *row = NULL;
    enum status status =
        pg_one(db, watches_upsert_one, &row, PG_TEXT(user_id), PG_TEXT(username), PG_INT(WATCH_S),
               PG_BOOL(wish == WATCH_CHOSEN), PG_BOOL(wish != WATCH_RENEWED));
    if (status == STATUS_OK)
        *ret_username = pg_text(row, 0, "username", arena);
    return status;
}

PG_QUERY(watches_pause_one, "update events.watches\n"
                            "set is_paused = true\n"
                            "where user_id = $1::uuid");

enum status watches_pause(struct pg *db, const char *user_id)
{
    return pg_none(db, watches_pause_one, NULL, PG_TEXT(user_id));
}

PG_QUERY(watches_find_one, "select watches.username,\n"
                           "  coalesce(streams.state, '') as state,\n"
                           "  coalesce(streams.message, '') as message\n"
                           "from events.watches\n"
                           "left join events.streams on streams.username = watches.username\n"
                           "where watches.user_id = $1::uuid\n"
                           "  and watches.wanted_until > now()\n"
                           "  and not watches.is_paused");

enum status watches_find(struct pg *db, const char *user_id, struct arena *arena,
                         struct watched *ret_watched)
{
    AUTO(PQclear) PGresult *row = NULL;
    enum status status = pg_maybe(db, watches_find_one, &row, PG_TEXT(user_id));
    if (status == STATUS_OK)
        *ret_watched =
            (struct watched){pg_text(row, 0, "username", arena), pg_text(row, 0, "state", arena),
                             pg_text(row, 0, "message", arena)};
    return status;
}

PG_QUERY(watches_delete_one, "delete from events.watches\n"
                             "where user_id = $1::uuid");

enum status watches_delete(struct pg *db, const char *user_id, int64_t *ret_count)
{
    return pg_none(db, watches_delete_one, ret_count, PG_TEXT(user_id));
}

/* A row that another replica renews or takes at the same time is left alone by the condition of
 * the update, and then not returned. Each replica has an order of its own in which it takes what is
 * free, so that they seldom want the same. */
PG_QUERY(
    streams_claim_all,
    "with expired as (\n"
    "  delete from events.watches\n"
    "  where wanted_until <= now()\n"
    "), present as (\n"
    "  insert into events.replicas (id, looked_at)\n"
    "  values ($1, now())\n"
    "  on conflict (id) do update set looked_at = excluded.looked_at\n"
    "), unwanted as (\n"
    "  delete from events.streams\n"
    "  where owner = $1\n"
    "    and wanted_at <= now() - make_interval(secs => $4::integer)\n"
    "    and username not in (select username from events.watches where wanted_until > now() and "
    "not is_paused)\n"
    "), wanted as (\n"
    "  select distinct username\n"
    "  from events.watches\n"
    "  where wanted_until > now() and not is_paused\n"
    "), kept as (\n"
    "  select streams.username,\n"
    "    case when wanted.username is null then streams.wanted_at else now() end as wanted_at\n"
    "  from events.streams\n"
    "  left join wanted on wanted.username = streams.username\n"
    "  where streams.owner = $1\n"
    "    and (wanted.username is not null\n"
    "      or streams.wanted_at > now() - make_interval(secs => $4::integer))\n"
    "), alive as (\n"
    "  select 1 + count(*) as replicas\n"
    "  from events.replicas\n"
    "  where id <> $1\n"
    "    and looked_at > now() - make_interval(secs => $2::integer)\n"
    "), share as (\n"
    "  select ceil((select count(*) from wanted) / replicas::numeric)\n"
    "    - (select count(*) from kept join wanted on wanted.username = kept.username) as lives\n"
    "  from alive\n"
    "), taken as (\n"
    "  select wanted.username, streams.owner as previous\n"
    "  from wanted\n"
    "  left join events.streams on streams.username = wanted.username\n"
    "  where streams.owner is null\n"
    "    or (streams.owner <> $1 and $3::boolean\n"
    "      and streams.renewed_at < now() - make_interval(secs => $2::integer))\n"
    "  order by md5(wanted.username || $1)\n"
    "  limit greatest(0, (select lives from share))\n"
    "), held as (\n"
    "  insert into events.streams as streams (username, owner, renewed_at, wanted_at)\n"
    "  select username, $1, now(), wanted_at\n"
    "  from (select username, wanted_at from kept\n"
    "    union all select username, now() from taken) as claimed\n"
    "  order by username\n"
    "  on conflict (username) do update\n"
    "  set owner = excluded.owner, renewed_at = excluded.renewed_at,\n"
    "    wanted_at = excluded.wanted_at\n"
    "  where streams.owner = excluded.owner\n"
    "    or streams.renewed_at < now() - make_interval(secs => $2::integer)\n"
    "  returning streams.username\n"
    ")\n"
    "select held.username, taken.previous, watches.user_id, alive.replicas,\n"
    "  (extract(epoch from watches.state_wanted_at) * 1000000)::bigint as state_wanted_us\n"
    "from held\n"
    "cross join alive\n"
    "left join taken on taken.username = held.username\n"
    "left join events.watches on watches.username = held.username\n"
    "  and watches.wanted_until > now() and not watches.is_paused\n"
    "order by taken.previous nulls first, held.username");

enum status streams_claim(struct pg *db, const char *owner, bool may_take_over, struct arena *arena,
                          struct claim *ret_claim)
{
    AUTO(PQclear) PGresult *rows = NULL;
    enum status status = pg_each(db, streams_claim_all, &rows, PG_TEXT(owner), PG_INT(LEASE_S),
                                 PG_BOOL(may_take_over), PG_INT(LINGER_S));
    if (status != STATUS_OK)
        return status;

    int count = PQntuples(rows);
    struct watch *watches = ARENA_ARRAY(arena, struct watch, (size_t)count);
    for (int i = 0; i < count; i++)
        watches[i] = (struct watch){
            .user_id = pg_text(rows, i, "user_id", arena),
            .username = pg_text(rows, i, "username", arena),
            .state_wanted_us = pg_int(rows, i, "state_wanted_us"),
            .previous = pg_text(rows, i, "previous", arena),
        };
    int64_t replicas = count > 0 ? pg_int(rows, 0, "replicas") : 1;
    *ret_claim = (struct claim){watches, (size_t)count, (unsigned)replicas};
    return STATUS_OK;
}

PG_QUERY(streams_set_state_one, "update events.streams\n"
                                "set state = $2, message = $3\n"
                                "where username = $1");

enum status streams_set_state(struct pg *db, const struct stream_state *state)
{
    return pg_none(db, streams_set_state_one, NULL, PG_TEXT(state->username), PG_TEXT(state->state),
                   PG_TEXT(state->message));
}

PG_QUERY(streams_forget_all_old, "with gone as (\n"
                                 "  delete from events.replicas\n"
                                 "  where looked_at < now() - interval '1 minute'\n"
                                 ")\n"
                                 "delete from events.streams\n"
                                 "where renewed_at < now() - interval '1 minute'");

enum status streams_forget_old(struct pg *db)
{
    return pg_none(db, streams_forget_all_old, NULL);
}

PG_QUERY(streams_release_all, "with gone as (\n"
                              "  delete from events.replicas\n"
                              "  where id = $1\n"
                              ")\n"
                              "delete from events.streams\n"
                              "where owner = $1");

enum status streams_release(struct pg *db, const char *owner)
{
    return pg_none(db, streams_release_all, NULL, PG_TEXT(owner));
}
