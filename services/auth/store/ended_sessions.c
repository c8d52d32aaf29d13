/* SPDX-License-Identifier: MIT */
#include "services/auth/store/ended_sessions.h"

/* A row shows when its transaction commits, with the time at which that began: whoever asks for the
 * news must look back as far as a transaction may last. */
#define ENDED_SINCE_1                                                                              \
    "expires_at > now() and ended_at >= to_timestamp($1::double precision / 1000) - interval '20 " \
    "seconds'"
#define EXPIRES_S "ceil(extract(epoch from expires_at))::bigint as expires_s"

PG_QUERY(ended_sessions_time, "select (extract(epoch from now()) * 1000)::bigint as now_ms");

enum status ended_sessions_now(struct call *call, int64_t *ret_now_ms)
{
    AUTO(PQclear) PGresult *row = NULL;
    enum status status = pg_run_one(call->db, &ended_sessions_time, &row, NULL, 0);
    if (status == STATUS_OK)
        *ret_now_ms = pg_int(row, 0, "now_ms");
    return status;
}

/* A session's id and a user's can't be the same: both are random. */
PG_QUERY(ended_sessions_by_id,
         "select id, is_cutoff, issued_before_s, except_session, " EXPIRES_S "\n"
         "from (\n"
         "  select session_id as id, false as is_cutoff, 0 as issued_before_s,\n"
         "    null::uuid as except_session, expires_at\n"
         "  from auth.ended_sessions\n"
         "  where " ENDED_SINCE_1 "\n"
         "  union all\n"
         "  select user_id, true, extract(epoch from issued_before)::bigint, except_session,\n"
         "    expires_at\n"
         "  from auth.token_cutoffs\n"
         "  where " ENDED_SINCE_1 "\n"
         ") as ended\n"
         "where $2::uuid is null or id > $2::uuid\n"
         "order by id\n"
         "limit $3::integer + 1");

/* One row more than a page was asked for, to know whether there is a next one. */
static void read_page(struct call *call, const PGresult *rows, struct ended_sessions_reply *page)
{
    int count = PQntuples(rows) < ENDED_SESSIONS_PAGE ? PQntuples(rows) : ENDED_SESSIONS_PAGE;
    struct ended_session *sessions = ARENA_ARRAY(call->arena, struct ended_session, (size_t)count);
    struct token_cutoff *cutoffs = ARENA_ARRAY(call->arena, struct token_cutoff, (size_t)count);
    page->sessions = (struct list){sessions, 0};
    page->cutoffs = (struct list){cutoffs, 0};
    const char *id = NULL;
    for (int row = 0; row < count; row++) {
        id = pg_text(rows, row, "id", call->arena);
        int64_t expires_s = pg_int(rows, row, "expires_s");
        if (pg_bool(rows, row, "is_cutoff"))
            cutoffs[page->cutoffs.count++] = (struct token_cutoff){
                .user_id = id,
                .issued_before_s = pg_int(rows, row, "issued_before_s"),
                .except_session = pg_text(rows, row, "except_session", call->arena),
                .expires_s = expires_s,
            };
        else
            sessions[page->sessions.count++] = (struct ended_session){id, expires_s};
    }
    page->next = PQntuples(rows) > count ? id : NULL;
}

enum status ended_sessions_page(struct call *call, int64_t since_ms, const char *after,
                                struct ended_sessions_reply *page)
{
    AUTO(PQclear) PGresult *rows = NULL;
    enum status status = pg_each(call->db, ended_sessions_by_id, &rows, PG_INT(since_ms),
                                 PG_TEXT(after), PG_INT(ENDED_SESSIONS_PAGE));
    if (status == STATUS_OK)
        read_page(call, rows, page);
    return status;
}
