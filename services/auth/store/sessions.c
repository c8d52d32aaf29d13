/* SPDX-License-Identifier: MIT */
#include "services/auth/store/sessions.h"

#include "lib/base/json_writer.h"
#include "lib/base/text.h"
#include "lib/pg/sql.h"

#define LIST_MAX 100
#define OPENINGS_MAX_BYTES 65536

/* Does not wait for the disk: a sign-in that a crash of Postgres takes back within its last half
 * second costs the client another sign-in, while the wait would cost every sign-in a fifth of its
 * time. */
PG_QUERY(sessions_insert_many,
         "insert into auth.sessions (id, user_id, ip, user_agent, expires_at)\n"
         "select opening.id, users.id, ip, agent, to_timestamp(expires_s)\n"
         "from jsonb_to_recordset($1::jsonb) as opening (\n"
         "  id uuid, user_id uuid, hash text, ip text, agent text, expires_s double precision\n"
         ")\n"
         "join auth.users on users.id = opening.user_id\n"
         "  and (hash is null or users.password_hash = hash),\n"
         "  (select set_config('synchronous_commit', 'off', true)) as relaxed\n"
         "returning id");

static void write_openings(struct session_opening *const *openings, size_t count,
                           struct buffer *out)
{
    struct json_writer json;
    json_init(&json, out);
    json_open(&json, '[');
    for (size_t i = 0; i < count; i++) {
        json_open(&json, '{');
        json_pair_text(&json, "id", openings[i]->id);
        json_pair_text(&json, "user_id", openings[i]->user_id);
        json_pair_text(&json, "hash", openings[i]->password_hash);
        json_pair_text(&json, "ip", openings[i]->address);
        json_pair_text(&json, "agent", openings[i]->agent);
        json_key(&json, "expires_s");
        json_put_int(&json, openings[i]->expires_s);
        json_close(&json, '}');
    }
    json_close(&json, ']');
}

enum status sessions_insert(struct call *call, struct session_opening *const *openings,
                            size_t count)
{
    AUTO_BUFFER(json, OPENINGS_MAX_BYTES);
    write_openings(openings, count, &json);
    AUTO(PQclear) PGresult *rows = NULL;
    enum status status =
        pg_each(call->db, sessions_insert_many, &rows, PG_TEXT(buffer_text(&json)));
    if (status != STATUS_OK)
        return status;
    for (int row = 0; row < PQntuples(rows); row++) {
        const char *id = pg_text(rows, row, "id", call->arena);
        for (size_t i = 0; i < count; i++)
            openings[i]->is_open |= text_equal(openings[i]->id, id);
    }
    return STATUS_OK;
}

PG_QUERY(sessions_touch_one,
         "update auth.sessions\n"
         "set last_seen_at = now()\n"
         "from (select set_config('synchronous_commit', 'off', true)) as relaxed\n"
         "where id = $1::uuid and last_seen_at < now() - interval '1 minute'");

enum status sessions_touch(struct call *call)
{
    return pg_none(call->db, sessions_touch_one, NULL, PG_TEXT(call->caller.session_id));
}

PG_QUERY(sessions_of_user,
         "select\n"
         "  id,\n"
         "  " PG_RFC3339(
             "created_at") " as created,\n"
                           "  " PG_RFC3339(
                               "last_seen_at") " as last_seen,\n"
                                               "  ip,\n"
                                               "  user_agent\n"
                                               "from auth.sessions\n"
                                               "where user_id = $1::uuid and expires_at > now()\n"
                                               "order by created_at desc, id\n"
                                               "limit $2::integer");

enum status sessions_list(struct call *call, struct list *ret_sessions)
{
    AUTO(PQclear) PGresult *rows = NULL;
    enum status status =
        pg_each(call->db, sessions_of_user, &rows, PG_TEXT(call->caller.user_id), PG_INT(LIST_MAX));
    if (status != STATUS_OK)
        return status;
    int count = PQntuples(rows);
    struct session *items = ARENA_ARRAY(call->arena, struct session, (size_t)count);
    for (int row = 0; row < count; row++) {
        const char *id = pg_text(rows, row, "id", call->arena);
        items[row] = (struct session){
            .id = id,
            .created_at = pg_text(rows, row, "created", call->arena),
            .last_seen_at = pg_text(rows, row, "last_seen", call->arena),
            .ip = pg_text(rows, row, "ip", call->arena),
            .user_agent = pg_text(rows, row, "user_agent", call->arena),
            .current = text_equal(id, call->caller.session_id),
        };
    }
    *ret_sessions = (struct list){items, (size_t)count};
    return STATUS_OK;
}

/* $3: for how many seconds to note a session whose row is gone; null: not at all. */
PG_QUERY(sessions_end_one,
         "with gone as (\n"
         "  delete from auth.sessions\n"
         "  where id = $1::uuid and user_id = $2::uuid\n"
         "  returning id, user_id, expires_at\n"
         "),\n"
         "ending as (\n"
         "  select id, user_id, expires_at\n"
         "  from gone\n"
         "  union all\n"
         "  select $1::uuid, $2::uuid, now() + make_interval(secs => $3::integer)\n"
         "  where $3::text is not null and not exists (select from gone)\n"
         "),\n"
         "noted as (\n"
         "  insert into auth.ended_sessions (session_id, user_id, expires_at)\n"
         "  select id, user_id, expires_at\n"
         "  from ending\n"
         "  on conflict (session_id) do nothing\n"
         ")\n"
         "insert into auth.outbox (what, body)\n"
         "select 'sessions_ended', jsonb_build_object('user_id', user_id)\n"
         "from ending");

static enum status end_one(struct call *call, const char *id, struct pg_param token_ttl_s)
{
    int64_t told = 0;
    enum status status = pg_none(call->db, sessions_end_one, &told, PG_TEXT(id),
                                 PG_TEXT(call->caller.user_id), token_ttl_s);
    if (status != STATUS_OK)
        return status;
    if (told == 0)
        return STATUS_NOT_FOUND;
    call_announce(call);
    return STATUS_OK;
}

enum status sessions_end(struct call *call, const char *id)
{
    return end_one(call, id, PG_TEXT(NULL));
}

enum status sessions_end_own(struct call *call, int64_t token_ttl_s)
{
    return end_one(call, call->caller.session_id, PG_INT(token_ttl_s));
}

/* Times of issue are whole seconds: a token of this very second is not "before" it, and is noted by
 * its session instead, with a minute's allowance for clocks that differ. */
PG_QUERY(
    sessions_end_many,
    "with gone as (\n"
    "  delete from auth.sessions\n"
    "  where user_id = $1::uuid and id is distinct from $2::uuid\n"
    "  returning id, user_id, created_at, expires_at\n"
    "),\n"
    "noted as (\n"
    "  insert into auth.ended_sessions (session_id, user_id, expires_at)\n"
    "  select id, user_id, expires_at\n"
    "  from gone\n"
    "  where created_at > now() - interval '1 minute'\n"
    "  on conflict (session_id) do nothing\n"
    "),\n"
    "cut as (\n"
    "  insert into auth.token_cutoffs as old (user_id, issued_before, except_session, expires_at)\n"
    "  select\n"
    "    $1::uuid,\n"
    "    date_trunc('second', now()),\n"
    "    $2::uuid,\n"
    "    greatest(now() + make_interval(secs => $3::integer), max(expires_at))\n"
    "  from gone\n"
    "  on conflict (user_id) do update\n"
    "  set issued_before = excluded.issued_before,\n"
    "    except_session = excluded.except_session,\n"
    "    ended_at = excluded.ended_at,\n"
    "    expires_at = greatest(old.expires_at, excluded.expires_at)\n"
    "  where old.issued_before <= excluded.issued_before\n"
    ")\n"
    "insert into auth.outbox (what, body)\n"
    "values ('sessions_ended', jsonb_build_object('user_id', $1::uuid))");

enum status sessions_end_all(struct call *call, const char *user_id, const char *except,
                             int64_t token_ttl_s)
{
    call_announce(call);
    return pg_none(call->db, sessions_end_many, NULL, PG_TEXT(user_id), PG_TEXT(except),
                   PG_INT(token_ttl_s));
}
