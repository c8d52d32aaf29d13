/* SPDX-License-Identifier: MIT */
#include "services/auth/store/attempts.h"

#include "lib/base/json_writer.h"
#include "services/auth/domain/attempts.h"

#define QUESTIONS_MAX_BYTES 65536

#define COUNTED(subject)                                                                           \
    "  case when " subject ".last_failed_at > now() - make_interval(secs => $2::integer)\n"        \
    "    then " subject ".failures else 0 end as " subject "_failures,\n"                          \
    "  (extract(epoch from now() - " subject ".last_failed_at) * 1000)::bigint as " subject        \
    "_elapsed_ms"

PG_QUERY(attempts_by_name,
         "select\n  asked.place,\n" USERS_COLUMNS ",\n"
         "  known.address is not null as is_known,\n"
         "  coalesce(known.last_used_at > now() - interval '1 day', false) as "
         "is_remembered,\n" COUNTED("own") ",\n" COUNTED(
             "address") "\n"
                        "from jsonb_to_recordset($1::jsonb) as asked (place integer, name text, "
                        "network text)\n"
                        "left join auth.users on users.username = asked.name\n"
                        "left join auth.known_addresses as known\n"
                        "  on known.user_id = users.id and known.address = asked.network\n"
                        "left join auth.login_attempts as own\n"
                        "  on own.subject = case when known.address is null\n"
                        "    then 'account:' || asked.name\n"
                        "    else 'known:' || asked.name || '|' || asked.network end\n"
                        "left join auth.login_attempts as address\n"
                        "  on known.address is null and address.subject = 'address:' || "
                        "asked.network");

/* The subjects as the query above names them. */
static void name_subjects(struct call *call, const char *username, const char *network,
                          bool is_known, struct attempt *attempt)
{
    if (is_known)
        attempt->own.name = arena_printf(call->arena, "known:%s|%s", username, network);
    else if (username)
        attempt->own.name = arena_printf(call->arena, "account:%s", username);
    if (network && !is_known)
        attempt->address.name = arena_printf(call->arena, "address:%s", network);
}

static void read_attempt(struct attempt_question *question, const PGresult *rows, int row)
{
    question->attempt = (struct attempt){
        .user = users_read(question->call, rows, row),
        .is_remembered = pg_bool(rows, row, "is_remembered"),
        .own = {.free_failures = ATTEMPTS_FREE_OF_ACCOUNT,
                .failures = pg_int(rows, row, "own_failures"),
                .elapsed_ms = pg_int(rows, row, "own_elapsed_ms")},
        .address = {.free_failures = ATTEMPTS_FREE_OF_ADDRESS,
                    .failures = pg_int(rows, row, "address_failures"),
                    .elapsed_ms = pg_int(rows, row, "address_elapsed_ms")},
    };
    name_subjects(question->call, question->username, question->network,
                  pg_bool(rows, row, "is_known"), &question->attempt);
}

static void write_questions(struct attempt_question *const *questions, size_t count,
                            struct buffer *out)
{
    struct json_writer json;
    json_init(&json, out);
    json_open(&json, '[');
    for (size_t i = 0; i < count; i++) {
        json_open(&json, '{');
        json_key(&json, "place");
        json_put_int(&json, (int64_t)i);
        json_pair_text(&json, "name", questions[i]->username);
        json_pair_text(&json, "network", questions[i]->network);
        json_close(&json, '}');
    }
    json_close(&json, ']');
}

enum status attempts_find(struct call *call, struct attempt_question *const *questions,
                          size_t count)
{
    AUTO_BUFFER(json, QUESTIONS_MAX_BYTES);
    write_questions(questions, count, &json);
    AUTO(PQclear) PGresult *rows = NULL;
    enum status status = pg_each(call->db, attempts_by_name, &rows, PG_TEXT(buffer_text(&json)),
                                 PG_INT(ATTEMPTS_FORGOTTEN_S));
    if (status != STATUS_OK)
        return status;
    for (int row = 0; row < PQntuples(rows); row++)
        read_attempt(questions[pg_int(rows, row, "place")], rows, row);
    return STATUS_OK;
}

static bool is_delayed(const struct attempt_subject *subject)
{
    return attempts_are_delayed(subject->failures, subject->free_failures);
}

/* Both subjects or neither, locked in an order that all keep. */
PG_QUERY(
    attempts_claim_both,
    "with ours as (\n"
    "  select subject\n"
    "  from auth.login_attempts\n"
    "  where blocked_until <= now() and (\n"
    "    (subject = $1 and failures = $2::integer) or (subject = $3 and failures = $4::integer)\n"
    "  )\n"
    "  order by subject\n"
    "  for update\n"
    ")\n"
    "update auth.login_attempts\n"
    "set blocked_until = now() + make_interval(secs => $6::integer)\n"
    "where subject in (select subject from ours)\n"
    "  and $5::integer = (select count(*) from ours)");

enum status attempts_claim(struct call *call, const struct attempt *attempt)
{
    const struct attempt_subject none = {0};
    const struct attempt_subject *own = is_delayed(&attempt->own) ? &attempt->own : &none;
    const struct attempt_subject *address =
        is_delayed(&attempt->address) ? &attempt->address : &none;
    int64_t wanted = (own->name ? 1 : 0) + (address->name ? 1 : 0);
    if (wanted == 0)
        return STATUS_OK;

    int64_t claimed = 0;
    enum status status =
        pg_none(call->db, attempts_claim_both, &claimed, PG_TEXT(own->name), PG_INT(own->failures),
                PG_TEXT(address->name), PG_INT(address->failures), PG_INT(wanted),
                PG_INT(ATTEMPTS_CLAIM_S));
    if (status == STATUS_OK && claimed < wanted)
        return STATUS_CONFLICT;
    return status;
}

PG_QUERY(
    attempts_count_failure,
    "insert into auth.login_attempts as old (subject, failures)\n"
    "select subject, 1\n"
    "from (values ($1), ($2)) as counted (subject)\n"
    "where subject is not null\n"
    "order by subject\n"
    "on conflict (subject) do update\n"
    "set failures = case when old.last_failed_at > now() - make_interval(secs => $3::integer)\n"
    "    then old.failures + 1 else 1 end,\n"
    "  last_failed_at = now(),\n"
    "  blocked_until = '-infinity'");

enum status attempts_fail(struct call *call, const struct attempt *attempt)
{
    return pg_none(call->db, attempts_count_failure, NULL, PG_TEXT(attempt->own.name),
                   PG_TEXT(attempt->address.name), PG_INT(ATTEMPTS_FORGOTTEN_S));
}

PG_QUERY(attempts_clear, "with forgotten as (\n"
                         "  delete from auth.login_attempts\n"
                         "  where subject = $1\n"
                         ")\n"
                         "update auth.login_attempts\n"
                         "set blocked_until = '-infinity'\n"
                         "where subject = $2");

enum status attempts_succeed(struct call *call, const struct attempt *attempt)
{
    const char *claimed = is_delayed(&attempt->address) ? attempt->address.name : NULL;
    if (attempt->own.failures == 0 && !claimed)
        return STATUS_OK;
    return pg_none(call->db, attempts_clear, NULL, PG_TEXT(attempt->own.name), PG_TEXT(claimed));
}

PG_QUERY(addresses_remember_one, "insert into auth.known_addresses (user_id, address)\n"
                                 "values ($1::uuid, $2)\n"
                                 "on conflict (user_id, address) do update\n"
                                 "set last_used_at = now()");

enum status addresses_remember(struct call *call, const char *user_id, const char *network)
{
    if (!network)
        return STATUS_OK;
    return pg_none(call->db, addresses_remember_one, NULL, PG_TEXT(user_id), PG_TEXT(network));
}
