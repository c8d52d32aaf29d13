/* SPDX-License-Identifier: MIT */
#include "services/auth/store/sessions.h"

#include "services/auth/store/users.h"
#include "tests/unit/services/auth/store/fixture.h"

#define FIRST "33333333-3333-4333-8333-333333333331"
#define SECOND "33333333-3333-4333-8333-333333333332"
#define NOBODY "44444444-4444-4444-8444-444444444444"

static int set_up(void **state)
{
    fixture_sql("delete from auth.sessions");
    int failed = fixture_set_up(state);
    fixture_sql("update auth.users set password_hash = 'right'");
    return failed;
}

static struct session_opening opening(const char *id, const char *user_id, const char *hash)
{
    return (struct session_opening){
        .id = id,
        .user_id = user_id,
        .password_hash = hash,
        .address = "203.0.113.7",
        .agent = "an \"odd\" \\ agent",
        .expires_s = clock_wall_ms() / 1000 + 60,
    };
}

static void insert(struct call *call, struct session_opening *first, struct session_opening *second)
{
    struct session_opening *openings[] = {first, second};
    assert_int_equal(sessions_insert(call, openings, 2), STATUS_OK);
}

static void several_open_together(void **state)
{
    struct session_opening first = opening(FIRST, ANN, "right");
    struct session_opening second = opening(SECOND, ANN, NULL);
    insert(*state, &first, &second);
    assert_true(first.is_open);
    assert_true(second.is_open);
    assert_int_equal(fixture_sql("select count(*) from auth.sessions"
                                 " where ip = '203.0.113.7' and user_agent = 'an \"odd\" \\ agent'"
                                 "   and expires_at between now() and now() + interval '70 s'"),
                     2);
}

static void none_opens_with_a_password_that_was_changed(void **state)
{
    struct session_opening first = opening(FIRST, ANN, "before");
    struct session_opening second = opening(SECOND, ANN, "right");
    insert(*state, &first, &second);
    assert_false(first.is_open);
    assert_true(second.is_open);
    assert_int_equal(fixture_sql("select count(*) from auth.sessions where id = '" SECOND "'"), 1);
}

static void none_opens_for_a_user_who_is_gone(void **state)
{
    struct session_opening first = opening(FIRST, NOBODY, NULL);
    struct session_opening second = opening(SECOND, NOBODY, "right");
    insert(*state, &first, &second);
    assert_false(first.is_open);
    assert_false(second.is_open);
    assert_int_equal(fixture_sql("select count(*) from auth.sessions"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(several_open_together, set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(none_opens_with_a_password_that_was_changed, set_up,
                                        fixture_tear_down),
        cmocka_unit_test_setup_teardown(none_opens_for_a_user_who_is_gone, set_up,
                                        fixture_tear_down),
    };
    return cmocka_run_group_tests(tests, fixture_make_schema, NULL);
}
