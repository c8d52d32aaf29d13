/* SPDX-License-Identifier: MIT */
#include "services/auth/store/users.h"

#include "tests/unit/services/auth/store/fixture.h"

#define BOB "22222222-2222-4222-8222-222222222222"
#define TTL_S 60

static struct user find(struct call *call, const char *id)
{
    struct user user = {0};
    assert_int_equal(users_find(call, id, &user), STATUS_OK);
    return user;
}

static void an_unconfirmed_user_may_be_taken_back(void **state)
{
    assert_int_equal(users_insert(*state, BOB, "bob", "hash", false), STATUS_OK);
    assert_false(find(*state, BOB).is_confirmed);
    assert_int_equal(users_take_back(*state, BOB), STATUS_OK);
    assert_int_equal(users_take_back(*state, BOB), STATUS_NOT_FOUND);
    assert_int_equal(users_confirm(*state, BOB), STATUS_NOT_FOUND);
}

static void a_confirmed_user_stays(void **state)
{
    assert_int_equal(users_insert(*state, BOB, "bob", "hash", false), STATUS_OK);
    assert_int_equal(users_confirm(*state, BOB), STATUS_OK);
    assert_int_equal(users_take_back(*state, BOB), STATUS_NOT_FOUND);
    assert_true(find(*state, BOB).is_confirmed);
}

static void a_name_is_taken_once(void **state)
{
    assert_int_equal(users_insert(*state, BOB, "ann", "hash", true), STATUS_CONFLICT);
    struct user user;
    assert_int_equal(users_find(*state, BOB, &user), STATUS_NOT_FOUND);
}

static void of_two_changes_of_the_same_user_the_second_is_refused(void **state)
{
    struct user ann = find(*state, ANN);
    assert_int_equal(users_change(*state, &ann, NULL, "first", TTL_S), STATUS_OK);
    assert_int_equal(users_change(*state, &ann, "anna", "second", TTL_S), STATUS_NOT_FOUND);
    struct user now = find(*state, ANN);
    assert_string_equal(now.username, "ann");
    assert_string_equal(now.password_hash, "first");
}

static void a_change_to_a_taken_name_ends_no_session(void **state)
{
    fixture_sql("delete from auth.sessions;"
                "insert into auth.sessions (id, user_id, expires_at)"
                "  values ('" BOB "', '" ANN "', now() + interval '1 day')");
    assert_int_equal(users_insert(*state, BOB, "bob", "hash", true), STATUS_OK);
    struct user ann = find(*state, ANN);
    assert_int_equal(users_change(*state, &ann, "bob", NULL, TTL_S), STATUS_CONFLICT);
    assert_int_equal(fixture_sql("select count(*) from auth.sessions"), 1);
    assert_int_equal(fixture_sql("select count(*) from auth.outbox"), 0);
    assert_int_equal(users_change(*state, &ann, "anna", NULL, TTL_S), STATUS_OK);
    assert_int_equal(fixture_sql("select count(*) from auth.sessions"), 0);
    assert_int_equal(fixture_sql("select count(*) from auth.outbox"), 1);
}

static void a_user_is_deleted_and_told_of_once(void **state)
{
    struct user ann = find(*state, ANN);
    assert_int_equal(users_delete(*state, &ann, TTL_S), STATUS_OK);
    assert_int_equal(users_delete(*state, &ann, TTL_S), STATUS_NOT_FOUND);
    assert_int_equal(fixture_sql("select count(*) from auth.outbox where what = 'user_deleted'"),
                     1);
}

static void a_hash_is_replaced_unless_it_has_changed(void **state)
{
    assert_int_equal(users_update_hash(*state, ANN, "", "first"), STATUS_OK);
    assert_int_equal(users_update_hash(*state, ANN, "", "second"), STATUS_NOT_FOUND);
    assert_int_equal(users_update_hash(*state, BOB, "", "first"), STATUS_NOT_FOUND);
    assert_string_equal(find(*state, ANN).password_hash, "first");
}

static void who_is_gone_meanwhile_is_told_of_again(void **state)
{
    struct call *call = *state;
    assert_int_equal(users_tell_if_gone(call, ANN), STATUS_OK);
    assert_false(call->has_news);
    fixture_sql("insert into auth.entitlements (user_id, version)"
                "  values ('" BOB "', 1)");
    assert_int_equal(users_tell_if_gone(call, BOB), STATUS_UNAUTHENTICATED);
    assert_string_equal(call->error, "user not found");
    assert_true(call->has_news);
    assert_int_equal(fixture_sql("select count(*) from auth.outbox where what = 'user_deleted'"),
                     1);
    assert_int_equal(fixture_sql("select count(*) from auth.entitlements"), 0);
}

static void banning_and_roles_need_a_user(void **state)
{
    assert_int_equal(users_ban(*state, "nobody", TTL_S), STATUS_NOT_FOUND);
    assert_int_equal(users_unban(*state, "nobody"), STATUS_NOT_FOUND);
    assert_int_equal(users_set_role(*state, "nobody", "admin"), STATUS_NOT_FOUND);
    assert_int_equal(fixture_sql("select count(*) from auth.outbox"), 0);
    assert_int_equal(users_ban(*state, "ann", TTL_S), STATUS_OK);
    assert_true(find(*state, ANN).is_banned);
    assert_int_equal(users_unban(*state, "ann"), STATUS_OK);
    assert_false(find(*state, ANN).is_banned);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(an_unconfirmed_user_may_be_taken_back),
        FIXTURE_TEST(a_confirmed_user_stays),
        FIXTURE_TEST(a_name_is_taken_once),
        FIXTURE_TEST(of_two_changes_of_the_same_user_the_second_is_refused),
        FIXTURE_TEST(a_change_to_a_taken_name_ends_no_session),
        FIXTURE_TEST(a_user_is_deleted_and_told_of_once),
        FIXTURE_TEST(a_hash_is_replaced_unless_it_has_changed),
        FIXTURE_TEST(who_is_gone_meanwhile_is_told_of_again),
        FIXTURE_TEST(banning_and_roles_need_a_user),
    };
    return cmocka_run_group_tests(tests, fixture_make_schema, NULL);
}
