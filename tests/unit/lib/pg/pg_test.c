/* SPDX-License-Identifier: MIT */
#include "lib/pg/pg.h"

#include "tests/support/servers.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#define TEXT_BYTES (8 * 1024 * 1024)

PG_QUERY(pgtest_insert, "insert into pgtest.things (id, name) values ($1, $2)");
PG_QUERY(pgtest_rename, "update pgtest.things set name = $1");
PG_QUERY(pgtest_find, "select id, name from pgtest.things where id = $1");
PG_QUERY(pgtest_list, "select id, name from pgtest.things order by id");
PG_QUERY(pgtest_book, "insert into pgtest.bookings (room) values ($1)");
PG_QUERY(pgtest_echo, "select $1::text as text, $2::bigint as number, $3::boolean as flag");
PG_QUERY(pgtest_divide, "select 1 / $1::integer as result");
PG_QUERY(pgtest_sleep, "select pg_sleep($1::double precision)");
PG_QUERY(pgtest_backend, "select pg_backend_pid() as pid");
PG_QUERY(pgtest_die, "select pg_terminate_backend(pg_backend_pid()) as result");
PG_QUERY(pgtest_kill, "select pg_terminate_backend($1::integer) as result");
PG_QUERY(pgtest_name, "select current_setting('application_name') as name");
PG_QUERY(pgtest_zone, "select '2026-01-01T00:00:00Z'::timestamptz::text as text");

static const struct pg_query drop_schema = {.sql = "drop schema if exists pgtest cascade"};
static const struct pg_query create_schema = {.sql = "create schema pgtest"};
static const struct pg_query create_things = {
    .sql = "create table pgtest.things (id bigint primary key, name text)"};
static const struct pg_query create_bookings = {
    .sql = "create table pgtest.bookings (room bigint, exclude using btree (room with =))"};
static const struct pg_query clear_things = {.sql = "delete from pgtest.things"};

struct fixture {
    struct metrics *metrics;
    struct pg *pg;
    struct arena *arena;
};

/* The tables must be there before the queries can be prepared: psql's part. */
static int make_tables(void **state)
{
    (void)state;
    PGconn *connection = PQconnectdb(DATABASE_URL);
    const struct pg_query *const steps[] = {&drop_schema, &create_schema, &create_things,
                                            &create_bookings};
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        AUTO(PQclear) PGresult *result = PQexec(connection, steps[i]->sql);
        assert_int_equal(PQresultStatus(result), PGRES_COMMAND_OK);
    }
    PQfinish(connection);
    return 0;
}

static struct pg *pg_for(struct fixture *fixture, int64_t statement_timeout_ms)
{
    const struct pg_options options = {.url = DATABASE_URL,
                                       .application_name = "pg_test",
                                       .statement_timeout_ms = statement_timeout_ms,
                                       .metrics = fixture->metrics};
    return pg_new(&options);
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    fixture->metrics = metrics_new();
    fixture->arena = arena_new(4 * TEXT_BYTES);
    fixture->pg = pg_for(fixture, 0);
    assert_int_equal(pg_none(fixture->pg, clear_things, NULL), STATUS_OK);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    pg_free(fixture->pg);
    arena_free(fixture->arena);
    metrics_free(fixture->metrics);
    free(fixture);
    return 0;
}

/* That the last failure was expected, and from which session. */
static void assert_failure(struct fixture *fixture, const struct pg *pg, const char *expected,
                           int64_t backend_pid)
{
    const char *text =
        arena_printf(fixture->arena, "%s (backend %lld)", expected, (long long)backend_pid);
    assert_string_equal(pg_error(pg), text);
}

static int64_t backend_of(struct pg *pg)
{
    AUTO(PQclear) PGresult *row = NULL;
    assert_int_equal(pg_one(pg, pgtest_backend, &row), STATUS_OK);
    return pg_int(row, 0, "pid");
}

static int64_t count_things(struct fixture *fixture)
{
    AUTO(PQclear) PGresult *rows = NULL;
    assert_int_equal(pg_each(fixture->pg, pgtest_list, &rows), STATUS_OK);
    return PQntuples(rows);
}

/* ---- values ---- */

static void text_number_and_flag_come_back_as_sent(void **state)
{
    struct fixture *fixture = *state;
    AUTO(PQclear) PGresult *row = NULL;
    assert_int_equal(pg_one(fixture->pg, pgtest_echo, &row, PG_TEXT("пароль 'quoted' \\ $1"),
                            PG_INT(INT64_MIN), PG_BOOL(true)),
                     STATUS_OK);
    assert_string_equal(pg_text(row, 0, "text", fixture->arena), "пароль 'quoted' \\ $1");
    assert_true(pg_int(row, 0, "number") == INT64_MIN);
    assert_true(pg_bool(row, 0, "flag"));
    assert_false(pg_is_null(row, 0, "flag"));
}

static void null_comes_back_as_null_zero_and_false(void **state)
{
    struct fixture *fixture = *state;
    AUTO(PQclear) PGresult *row = NULL;
    assert_int_equal(
        pg_one(fixture->pg, pgtest_echo, &row, PG_TEXT(NULL), PG_TEXT(NULL), PG_TEXT(NULL)),
        STATUS_OK);
    assert_null(pg_text(row, 0, "text", fixture->arena));
    assert_int_equal(pg_int(row, 0, "number"), 0);
    assert_false(pg_bool(row, 0, "flag"));
    assert_true(pg_is_null(row, 0, "text"));
}

static void a_text_larger_than_the_socket_buffers_comes_back_whole(void **state)
{
    struct fixture *fixture = *state;
    char *text = malloc(TEXT_BYTES + 1);
    memset(text, 'x', TEXT_BYTES);
    text[TEXT_BYTES] = '\0';
    AUTO(PQclear) PGresult *row = NULL;
    assert_int_equal(pg_one(fixture->pg, pgtest_echo, &row, PG_TEXT(text), PG_INT(1), PG_BOOL(0)),
                     STATUS_OK);
    assert_string_equal(pg_text(row, 0, "text", fixture->arena), text);
    free(text);
}

static void times_are_in_utc(void **state)
{
    struct fixture *fixture = *state;
    AUTO(PQclear) PGresult *row = NULL;
    assert_int_equal(pg_one(fixture->pg, pgtest_zone, &row), STATUS_OK);
    assert_string_equal(pg_text(row, 0, "text", fixture->arena), "2026-01-01 00:00:00+00");
}

/* ---- shapes ---- */

static void a_change_tells_how_many_rows_it_affected(void **state)
{
    struct fixture *fixture = *state;
    int64_t affected = 0;
    assert_int_equal(pg_none(fixture->pg, pgtest_insert, NULL, PG_INT(1), PG_TEXT("a")), STATUS_OK);
    assert_int_equal(pg_none(fixture->pg, pgtest_insert, NULL, PG_INT(2), PG_TEXT("b")), STATUS_OK);
    assert_int_equal(pg_none(fixture->pg, pgtest_rename, &affected, PG_TEXT("c")), STATUS_OK);
    assert_int_equal(affected, 2);
}

static void no_row_is_not_found_where_one_may_be_missing(void **state)
{
    struct fixture *fixture = *state;
    AUTO(PQclear) PGresult *row = NULL;
    assert_int_equal(pg_maybe(fixture->pg, pgtest_find, &row, PG_INT(7)), STATUS_NOT_FOUND);
    assert_null(row);
}

static void a_result_of_another_shape_is_our_bug(void **state)
{
    struct fixture *fixture = *state;
    AUTO(PQclear) PGresult *rows = NULL;
    assert_int_equal(pg_one(fixture->pg, pgtest_find, &rows, PG_INT(7)), STATUS_INTERNAL);
    assert_int_equal(pg_none(fixture->pg, pgtest_list, NULL), STATUS_INTERNAL);
    assert_int_equal(pg_each(fixture->pg, pgtest_insert, &rows, PG_INT(1), PG_TEXT("a")),
                     STATUS_INTERNAL);
    assert_int_equal(pg_none(fixture->pg, pgtest_insert, NULL, PG_INT(2), PG_TEXT("b")), STATUS_OK);
    assert_int_equal(pg_maybe(fixture->pg, pgtest_list, &rows), STATUS_INTERNAL);
    assert_failure(fixture, fixture->pg, "pgtest_list: gave more than one row",
                   backend_of(fixture->pg));
    assert_null(rows);
}

/* ---- refusals ---- */

static void a_taken_key_is_a_conflict(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(pg_none(fixture->pg, pgtest_insert, NULL, PG_INT(1), PG_TEXT("a")), STATUS_OK);
    assert_int_equal(pg_none(fixture->pg, pgtest_insert, NULL, PG_INT(1), PG_TEXT("b")),
                     STATUS_CONFLICT);
    assert_int_equal(pg_none(fixture->pg, pgtest_book, NULL, PG_INT(1)), STATUS_OK);
    assert_int_equal(pg_none(fixture->pg, pgtest_book, NULL, PG_INT(1)), STATUS_CONFLICT);
    assert_true(pg_is_connected(fixture->pg));
}

static void a_refused_statement_names_its_query_and_reason(void **state)
{
    struct fixture *fixture = *state;
    AUTO(PQclear) PGresult *row = NULL;
    assert_int_equal(pg_one(fixture->pg, pgtest_divide, &row, PG_INT(0)), STATUS_INTERNAL);
    assert_failure(fixture, fixture->pg, "pgtest_divide: 22012 division by zero",
                   backend_of(fixture->pg));
}

static void a_statement_that_takes_too_long_is_stopped(void **state)
{
    struct fixture *fixture = *state;
    struct pg *pg = pg_for(fixture, 50);
    AUTO(PQclear) PGresult *row = NULL;
    assert_int_equal(pg_one(pg, pgtest_sleep, &row, PG_TEXT("60")), STATUS_TIMEOUT);
    assert_int_equal(pg_one(pg, pgtest_backend, &row), STATUS_OK);
    pg_free(pg);
}

/* A connection that prepares finds the fault before any request does. */
static void a_query_that_does_not_prepare_stops_the_connect(void **state)
{
    struct fixture *fixture = *state;
    const struct pg_query hide = {.sql = "alter table pgtest.bookings rename to hidden"};
    const struct pg_query show = {.sql = "alter table pgtest.hidden rename to bookings"};
    assert_int_equal(pg_none(fixture->pg, hide, NULL), STATUS_OK);
    struct pg *pg = pg_for(fixture, 0);
    assert_int_equal(pg_connect(pg), STATUS_INTERNAL);
    assert_false(pg_is_connected(pg));
    assert_non_null(strstr(pg_error(pg), "pgtest_book: 42P01 relation \"pgtest.bookings\" does not "
                                         "exist (backend "));
    assert_int_equal(pg_none(fixture->pg, show, NULL), STATUS_OK);
    assert_int_equal(pg_connect(pg), STATUS_OK);
    pg_free(pg);
}

static void a_foreign_database_need_not_have_our_tables(void **state)
{
    struct fixture *fixture = *state;
    const struct pg_query hide = {.sql = "alter table pgtest.bookings rename to hidden"};
    const struct pg_query show = {.sql = "alter table pgtest.hidden rename to bookings"};
    const struct pg_query ask = {.sql = "select $1::integer as number"};
    assert_int_equal(pg_none(fixture->pg, hide, NULL), STATUS_OK);
    const struct pg_options options = {.url = DATABASE_URL, .is_foreign = true};
    AUTO(pg_free) struct pg *pg = pg_new(&options);
    AUTO(PQclear) PGresult *row = NULL;
    assert_int_equal(pg_one(pg, ask, &row, PG_INT(7)), STATUS_OK);
    assert_int_equal(pg_int(row, 0, "number"), 7);
    assert_int_equal(pg_none(fixture->pg, show, NULL), STATUS_OK);
}

static void a_refused_statement_without_a_name_is_told_by_its_first_line(void **state)
{
    struct fixture *fixture = *state;
    static const struct pg_query divide = {.sql = "select\n  1 / 0"};
    AUTO(PQclear) PGresult *row = NULL;
    assert_int_equal(pg_one(fixture->pg, divide, &row), STATUS_INTERNAL);
    assert_failure(fixture, fixture->pg, "select: 22012 division by zero", backend_of(fixture->pg));
}

/* ---- losing the server ---- */

static void a_statement_whose_connection_dies_is_unavailable(void **state)
{
    struct fixture *fixture = *state;
    AUTO(PQclear) PGresult *row = NULL;
    int64_t backend = backend_of(fixture->pg);
    assert_int_equal(pg_one(fixture->pg, pgtest_die, &row), STATUS_UNAVAILABLE);
    assert_false(pg_is_connected(fixture->pg));
    assert_failure(fixture, fixture->pg,
                   "pgtest_die: 57P01 terminating connection due to administrator command",
                   backend);
    assert_int_equal(pg_connect(fixture->pg), STATUS_OK);
    assert_int_equal(pg_one(fixture->pg, pgtest_backend, &row), STATUS_OK);
}

static void a_connection_that_died_while_idle_is_replaced_unnoticed(void **state)
{
    struct fixture *fixture = *state;
    struct pg *other = pg_for(fixture, 0);
    AUTO(PQclear) PGresult *victim = NULL;
    AUTO(PQclear) PGresult *killed = NULL;
    AUTO(PQclear) PGresult *row = NULL;
    assert_int_equal(pg_one(other, pgtest_backend, &victim), STATUS_OK);
    assert_int_equal(pg_one(fixture->pg, pgtest_kill, &killed, PG_INT(pg_int(victim, 0, "pid"))),
                     STATUS_OK);
    usleep(300000); /* for the backend to end, and past the wait between attempts */
    assert_int_equal(pg_one(other, pgtest_backend, &row), STATUS_OK);
    assert_true(pg_int(row, 0, "pid") != pg_int(victim, 0, "pid"));
    pg_free(other);
}

static void a_server_that_falls_silent_is_unavailable(void **state)
{
    struct fixture *fixture = *state;
    struct pg *pg = pg_for(fixture, 100);
    AUTO(PQclear) PGresult *row = NULL;
    AUTO(PQclear) PGresult *none = NULL;
    assert_int_equal(pg_one(pg, pgtest_backend, &row), STATUS_OK);
    pid_t backend = (pid_t)pg_int(row, 0, "pid");
    assert_int_equal(kill(backend, SIGSTOP), 0);
    assert_int_equal(pg_one(pg, pgtest_backend, &none), STATUS_UNAVAILABLE);
    assert_failure(fixture, pg, "pgtest_backend: no answer", backend);
    assert_false(pg_is_connected(pg));
    assert_int_equal(kill(backend, SIGCONT), 0);
    pg_free(pg);
}

/* A server in name only: a socket that listens. */
static int listen_somewhere(char *url, size_t url_size)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(listener, 256), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    snprintf(url, url_size,
             "postgresql://nobody@127.0.0.1:%d/none?sslmode=disable&gssencmode=disable",
             ntohs(address.sin_port));
    return listener;
}

static void a_server_that_never_greets_is_unavailable(void **state)
{
    (void)state;
    char url[128];
    int listener = listen_somewhere(url, sizeof(url));
    const struct pg_options options = {.url = url, .connect_timeout_ms = 1};
    struct pg *pg = pg_new(&options);
    assert_int_equal(pg_connect(pg), STATUS_UNAVAILABLE);
    pg_free(pg);
    close(listener);
}

static void a_dead_server_is_not_asked_by_every_statement(void **state)
{
    (void)state;
    char url[128];
    close(listen_somewhere(url, sizeof(url))); /* nobody listens now */
    struct metrics *metrics = metrics_new();
    const struct pg_options options = {.url = url, .metrics = metrics};
    struct pg *pg = pg_new(&options);
    AUTO(PQclear) PGresult *row = NULL;
    for (int i = 0; i < 10000; i++)
        assert_int_equal(pg_one(pg, pgtest_backend, &row), STATUS_UNAVAILABLE);
    int64_t attempts =
        metric_value(metrics_counter(metrics, "ttb_pg_connect_failures_total", "", ""));
    assert_in_range(attempts, 1, 5000);
    assert_non_null(strstr(pg_error(pg), "refused"));
    pg_free(pg);
    metrics_free(metrics);
}

/* ---- transactions ---- */

static enum status insert_two(struct pg *pg, void *closure)
{
    enum status status = pg_none(pg, pgtest_insert, NULL, PG_INT(1), PG_TEXT("a"));
    if (status != STATUS_OK)
        return status;
    status = pg_none(pg, pgtest_insert, NULL, PG_INT(2), PG_TEXT("b"));
    return status == STATUS_OK ? *(enum status *)closure : status;
}

static void work_that_succeeds_is_committed(void **state)
{
    struct fixture *fixture = *state;
    enum status result = STATUS_OK;
    assert_int_equal(pg_transaction(fixture->pg, insert_two, &result), STATUS_OK);
    assert_int_equal(count_things(fixture), 2);
}

static void work_that_fails_leaves_nothing_and_keeps_its_status(void **state)
{
    struct fixture *fixture = *state;
    enum status result = STATUS_FORBIDDEN;
    assert_int_equal(pg_transaction(fixture->pg, insert_two, &result), STATUS_FORBIDDEN);
    assert_int_equal(count_things(fixture), 0);
}

static enum status overlook_a_conflict(struct pg *pg, void *closure)
{
    (void)closure;
    for (int i = 0; i < 2; i++)
        if (pg_none(pg, pgtest_insert, NULL, PG_INT(1), PG_TEXT("a")) == STATUS_INTERNAL)
            return STATUS_INTERNAL;
    return STATUS_OK;
}

static void a_commit_that_rolled_back_is_no_success(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(pg_transaction(fixture->pg, overlook_a_conflict, NULL), STATUS_INTERNAL);
    assert_int_equal(count_things(fixture), 0);
}

static enum status insert_around_a_loss(struct pg *pg, void *closure)
{
    AUTO(PQclear) PGresult *row = NULL;
    enum status *after_loss = closure;
    enum status status = pg_none(pg, pgtest_insert, NULL, PG_INT(1), PG_TEXT("a"));
    if (status != STATUS_OK || pg_one(pg, pgtest_die, &row) != STATUS_UNAVAILABLE)
        return STATUS_INTERNAL;
    usleep(300000); /* past the wait between attempts */
    *after_loss = pg_none(pg, pgtest_insert, NULL, PG_INT(2), PG_TEXT("b"));
    return STATUS_OK;
}

static void work_never_goes_on_outside_of_its_transaction(void **state)
{
    struct fixture *fixture = *state;
    enum status after_loss = STATUS_OK;
    assert_int_equal(pg_transaction(fixture->pg, insert_around_a_loss, &after_loss),
                     STATUS_UNAVAILABLE);
    assert_int_equal(after_loss, STATUS_UNAVAILABLE);
    assert_int_equal(count_things(fixture), 0);
}

/* ---- calls ---- */

#define TRACE_ID "0af7651916cd43dd8448eb211c80319c"

static const struct log_scope scope = {.request_id = "r-1", .trace_id = TRACE_ID};

/* What pg_stat_activity shows of the session now. */
static void assert_named(struct fixture *fixture, struct pg *pg, const char *expected)
{
    AUTO(PQclear) PGresult *row = NULL;
    assert_int_equal(pg_one(pg, pgtest_name, &row), STATUS_OK);
    assert_string_equal(pg_text(row, 0, "name", fixture->arena), expected);
}

static void assert_statements(const struct fixture *fixture, unsigned expected)
{
    AUTO_BUFFER(text, 65536);
    char line[64];
    metrics_render(fixture->metrics, &text);
    snprintf(line, sizeof(line), "ttb_pg_statement_seconds_count %u\n", expected);
    assert_non_null(strstr(buffer_text(&text), line));
}

static void a_sampled_call_names_the_session_until_its_end(void **state)
{
    struct fixture *fixture = *state;
    pg_begin_call(fixture->pg, &scope, true);
    assert_named(fixture, fixture->pg, "pg_test " TRACE_ID);
    assert_named(fixture, fixture->pg, "pg_test " TRACE_ID);
    pg_end_call(fixture->pg);
    assert_named(fixture, fixture->pg, "pg_test");
    assert_statements(fixture, 1 + 3 + 2); /* that of set_up, ours, and those for the name */
}

static void any_other_call_costs_no_statement(void **state)
{
    struct fixture *fixture = *state;
    pg_begin_call(fixture->pg, &scope, false);
    assert_named(fixture, fixture->pg, "pg_test");
    pg_end_call(fixture->pg);
    pg_begin_call(fixture->pg, &scope, true); /* runs none itself */
    pg_end_call(fixture->pg);
    assert_statements(fixture, 1 + 1);
}

struct naming {
    struct fixture *fixture;
    enum status result;
};

static enum status look_and_fail(struct pg *pg, void *closure)
{
    struct naming *naming = closure;
    AUTO(PQclear) PGresult *row = NULL;
    assert_named(naming->fixture, pg, "pg_test " TRACE_ID);
    if (naming->result == STATUS_INTERNAL) /* the transaction is aborted from here on */
        assert_int_equal(pg_one(pg, pgtest_divide, &row, PG_INT(0)), STATUS_INTERNAL);
    return naming->result;
}

static void the_end_of_a_transaction_does_not_take_the_name(void **state)
{
    struct fixture *fixture = *state;
    const enum status results[] = {STATUS_OK, STATUS_FORBIDDEN, STATUS_INTERNAL};
    for (size_t i = 0; i < ARRAY_LEN(results); i++) {
        struct naming naming = {fixture, results[i]};
        pg_begin_call(fixture->pg, &scope, true);
        assert_int_equal(pg_transaction(fixture->pg, look_and_fail, &naming), results[i]);
        assert_named(fixture, fixture->pg, "pg_test " TRACE_ID);
        pg_end_call(fixture->pg);
        assert_named(fixture, fixture->pg, "pg_test");
    }
}

static void a_session_that_replaces_a_lost_one_is_named_too(void **state)
{
    struct fixture *fixture = *state;
    AUTO(PQclear) PGresult *row = NULL;
    pg_begin_call(fixture->pg, &scope, true);
    assert_int_equal(pg_one(fixture->pg, pgtest_die, &row), STATUS_UNAVAILABLE);
    usleep(300000); /* past the wait between attempts */
    assert_named(fixture, fixture->pg, "pg_test " TRACE_ID);
    assert_int_equal(pg_one(fixture->pg, pgtest_die, &row), STATUS_UNAVAILABLE);
    pg_end_call(fixture->pg);
    usleep(300000);
    assert_named(fixture, fixture->pg, "pg_test");
}

/* ---- slow statements ---- */

static struct {
    struct pg_slow last;
    unsigned count;
} reports;

static void note_slow(const struct pg_slow *slow)
{
    reports.last = *slow;
    reports.count++;
}

static struct pg *pg_that_reports(int64_t slow_ms, int64_t statement_timeout_ms)
{
    const struct pg_options options = {.url = DATABASE_URL,
                                       .statement_timeout_ms = statement_timeout_ms,
                                       .slow_statement_ms = slow_ms,
                                       .on_slow = note_slow};
    reports.count = 0;
    return pg_new(&options);
}

static void a_slow_statement_is_reported_with_its_call(void **state)
{
    (void)state;
    AUTO(pg_free) struct pg *pg = pg_that_reports(50, 0);
    AUTO(PQclear) PGresult *row = NULL;
    AUTO(PQclear) PGresult *again = NULL;
    int64_t backend = backend_of(pg);
    pg_begin_call(pg, &scope, false);
    assert_int_equal(pg_one(pg, pgtest_sleep, &row, PG_TEXT("0.1")), STATUS_OK);
    assert_int_equal(reports.count, 1);
    assert_string_equal(reports.last.query, "pgtest_sleep");
    assert_in_range(reports.last.duration_ms, 100, 5000);
    assert_int_equal(reports.last.backend_pid, backend);
    assert_ptr_equal(reports.last.scope, &scope);
    pg_end_call(pg);
    assert_int_equal(pg_one(pg, pgtest_sleep, &again, PG_TEXT("0.1")), STATUS_OK);
    assert_int_equal(reports.count, 2);
    assert_null(reports.last.scope);
}

static void a_slow_statement_that_fails_is_reported_too(void **state)
{
    (void)state;
    AUTO(pg_free) struct pg *pg = pg_that_reports(50, 100);
    AUTO(PQclear) PGresult *row = NULL;
    assert_int_equal(pg_one(pg, pgtest_sleep, &row, PG_TEXT("60")), STATUS_TIMEOUT);
    assert_int_equal(reports.count, 1);
}

static void nothing_is_slow_without_a_limit_or_below_it(void **state)
{
    (void)state;
    const int64_t limits_ms[] = {0, 60000};
    for (size_t i = 0; i < ARRAY_LEN(limits_ms); i++) {
        AUTO(pg_free) struct pg *pg = pg_that_reports(limits_ms[i], 0);
        AUTO(PQclear) PGresult *row = NULL;
        assert_int_equal(pg_one(pg, pgtest_sleep, &row, PG_TEXT("0.01")), STATUS_OK);
        assert_int_equal(reports.count, 0);
    }
}

/* ---- metrics ---- */

static void connects_and_failures_are_counted(void **state)
{
    struct fixture *fixture = *state;
    AUTO(PQclear) PGresult *row = NULL;
    assert_int_equal(pg_one(fixture->pg, pgtest_divide, &row, PG_INT(0)), STATUS_INTERNAL);
    assert_int_equal(
        metric_value(metrics_counter(fixture->metrics, "ttb_pg_connects_total", "", "")), 1);
    assert_int_equal(
        metric_value(metrics_counter(fixture->metrics, "ttb_pg_failures_total", "", "")), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(text_number_and_flag_come_back_as_sent),
        TEST(null_comes_back_as_null_zero_and_false),
        TEST(a_text_larger_than_the_socket_buffers_comes_back_whole),
        TEST(times_are_in_utc),
        TEST(a_change_tells_how_many_rows_it_affected),
        TEST(no_row_is_not_found_where_one_may_be_missing),
        TEST(a_result_of_another_shape_is_our_bug),
        TEST(a_taken_key_is_a_conflict),
        TEST(a_refused_statement_names_its_query_and_reason),
        TEST(a_statement_that_takes_too_long_is_stopped),
        TEST(a_query_that_does_not_prepare_stops_the_connect),
        TEST(a_foreign_database_need_not_have_our_tables),
        TEST(a_refused_statement_without_a_name_is_told_by_its_first_line),
        TEST(a_statement_whose_connection_dies_is_unavailable),
        TEST(a_connection_that_died_while_idle_is_replaced_unnoticed),
        TEST(a_server_that_falls_silent_is_unavailable),
        TEST(a_server_that_never_greets_is_unavailable),
        TEST(a_dead_server_is_not_asked_by_every_statement),
        TEST(work_that_succeeds_is_committed),
        TEST(work_that_fails_leaves_nothing_and_keeps_its_status),
        TEST(a_commit_that_rolled_back_is_no_success),
        TEST(work_never_goes_on_outside_of_its_transaction),
        TEST(a_sampled_call_names_the_session_until_its_end),
        TEST(any_other_call_costs_no_statement),
        TEST(the_end_of_a_transaction_does_not_take_the_name),
        TEST(a_session_that_replaces_a_lost_one_is_named_too),
        TEST(a_slow_statement_is_reported_with_its_call),
        TEST(a_slow_statement_that_fails_is_reported_too),
        TEST(nothing_is_slow_without_a_limit_or_below_it),
        TEST(connects_and_failures_are_counted),
    };
    return cmocka_run_group_tests(tests, make_tables, NULL);
}
