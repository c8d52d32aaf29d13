/* SPDX-License-Identifier: MIT */
#include "services/auth/store/tidy.h"

#include "tests/unit/services/auth/store/fixture.h"

static int64_t count(struct call *call, const char *table)
{
    return fixture_sql(arena_printf(call->arena, "select count(*) from auth.%s", table));
}

/* Each table with one row that has had its time, and one a second younger than that. */
static void fill(void)
{
    fixture_sql("insert into auth.sessions (id, user_id, expires_at) values"
                "  (gen_random_uuid(), '" ANN "', now() - interval '1 second'),"
                "  (gen_random_uuid(), '" ANN "', now() + interval '1 minute')");
    fixture_sql("insert into auth.ended_sessions (session_id, user_id, expires_at) values"
                "  (gen_random_uuid(), '" ANN "', now() - interval '1 second'),"
                "  (gen_random_uuid(), '" ANN "', now() + interval '1 minute')");
    fixture_sql("insert into auth.token_cutoffs (user_id, issued_before, expires_at) values"
                "  (gen_random_uuid(), now(), now() - interval '1 second'),"
                "  (gen_random_uuid(), now(), now() + interval '1 minute')");
    fixture_sql("insert into auth.ws_tokens (token_hash, user_id, expires_at) values"
                "  ('\\x01', '" ANN "', now() - interval '1 second'),"
                "  ('\\x02', '" ANN "', now() + interval '1 minute')");
    fixture_sql("insert into auth.login_attempts (subject, failures, last_failed_at) values"
                "  ('account:old', 5, now() - interval '61 minutes'),"
                "  ('account:new', 5, now() - interval '59 minutes')");
    fixture_sql("insert into auth.known_addresses (user_id, address, last_used_at) values"
                "  ('" ANN "', '203.0.113.7', now() - interval '91 days'),"
                "  ('" ANN "', '203.0.113.8', now() - interval '89 days')");
}

static void what_has_had_its_time_goes_and_the_rest_stays(void **state)
{
    static const char *const tables[] = {"sessions",  "ended_sessions", "token_cutoffs",
                                         "ws_tokens", "login_attempts", "known_addresses"};
    struct call *call = *state;
    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        fixture_sql(arena_printf(call->arena, "delete from auth.%s", tables[i]));
    fill();
    assert_int_equal(tidy_tables(call), STATUS_OK);
    for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
        if (count(call, tables[i]) != 1)
            fail_msg("%s", tables[i]);
    }
    assert_int_equal(fixture_sql("select count(*) from auth.sessions where expires_at > now()"), 1);
    assert_int_equal(
        fixture_sql("select count(*) from auth.login_attempts where subject = 'account:new'"), 1);
    assert_int_equal(
        fixture_sql("select count(*) from auth.known_addresses where address = '203.0.113.8'"), 1);
}

static void an_attempt_that_is_being_checked_stays(void **state)
{
    fixture_sql(
        "delete from auth.login_attempts;"
        "insert into auth.login_attempts (subject, failures, last_failed_at, blocked_until)"
        "  values ('account:busy', 5, now() - interval '2 hours', now() + interval '10 s')");
    assert_int_equal(tidy_tables(*state), STATUS_OK);
    assert_int_equal(fixture_sql("select count(*) from auth.login_attempts"), 1);
}

static void more_than_a_batch_goes_at_once(void **state)
{
    fixture_sql("insert into auth.sessions (id, user_id, expires_at)"
                "  select gen_random_uuid(), '" ANN "', now() - interval '1 second'"
                "  from generate_series(1, 2500)");
    assert_int_equal(tidy_tables(*state), STATUS_OK);
    assert_int_equal(fixture_sql("select count(*) from auth.sessions where expires_at <= now()"),
                     0);
}

static void an_empty_schema_is_tidy(void **state)
{
    assert_int_equal(tidy_tables(*state), STATUS_OK);
    assert_int_equal(tidy_tables(*state), STATUS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(what_has_had_its_time_goes_and_the_rest_stays),
        FIXTURE_TEST(an_attempt_that_is_being_checked_stays),
        FIXTURE_TEST(more_than_a_batch_goes_at_once),
        FIXTURE_TEST(an_empty_schema_is_tidy),
    };
    return cmocka_run_group_tests(tests, fixture_make_schema, NULL);
}
