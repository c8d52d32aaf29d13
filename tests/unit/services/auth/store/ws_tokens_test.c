/* SPDX-License-Identifier: MIT */
#include "services/auth/store/ws_tokens.h"

#include "tests/unit/services/auth/store/fixture.h"

#define KEPT 20

/* A hash in the form of a token's. */
static const char *hash_of(struct call *call, int number)
{
    return arena_printf(call->arena, "%064d", number);
}

static enum status add(struct call *call, int number)
{
    const char *expires_at = NULL;
    return ws_tokens_insert(call, ANN, hash_of(call, number), 24, &expires_at);
}

static enum status find(struct call *call, int number)
{
    const char *user_id = NULL;
    enum status status = ws_tokens_find(call, hash_of(call, number), &user_id);
    if (status == STATUS_OK)
        assert_string_equal(user_id, ANN);
    return status;
}

static void a_token_is_found_by_its_hash_only(void **state)
{
    struct call *call = *state;
    assert_int_equal(add(call, 1), STATUS_OK);
    assert_int_equal(find(call, 1), STATUS_OK);
    assert_int_equal(find(call, 2), STATUS_NOT_FOUND);
}

static void a_user_keeps_the_newest_20(void **state)
{
    struct call *call = *state;
    for (int i = 0; i < KEPT + 2; i++)
        assert_int_equal(add(call, i), STATUS_OK);
    assert_int_equal(find(call, 1), STATUS_NOT_FOUND);
    assert_int_equal(find(call, 2), STATUS_OK);
    assert_int_equal(find(call, KEPT + 1), STATUS_OK);
    assert_int_equal(fixture_sql("select count(*) from auth.ws_tokens"), KEPT);
}

static void an_expired_token_is_not_found_and_goes_with_the_next_sign_in(void **state)
{
    struct call *call = *state;
    assert_int_equal(add(call, 1), STATUS_OK);
    fixture_sql("update auth.ws_tokens set expires_at = now() - interval '1 second'");
    assert_int_equal(find(call, 1), STATUS_NOT_FOUND);
    assert_int_equal(add(call, 2), STATUS_OK);
    assert_int_equal(fixture_sql("select count(*) from auth.ws_tokens"), 1);
}

static void a_banned_user_gets_no_token_and_the_old_ones_end(void **state)
{
    struct call *call = *state;
    assert_int_equal(add(call, 1), STATUS_OK);
    fixture_sql("update auth.users set is_banned = true");
    assert_int_equal(find(call, 1), STATUS_NOT_FOUND);
    assert_int_equal(add(call, 2), STATUS_NOT_FOUND);
}

static void a_user_who_is_gone_gets_no_token(void **state)
{
    fixture_sql("delete from auth.users");
    assert_int_equal(add(*state, 1), STATUS_NOT_FOUND);
}

static struct ws_token find_user(struct call *call, int number)
{
    struct ws_token token = {0};
    assert_int_equal(ws_tokens_find_user(call, hash_of(call, number), &token), STATUS_OK);
    assert_string_equal(token.user_id, ANN);
    return token;
}

static void a_token_says_whose_live_its_socket_watches_and_how_long(void **state)
{
    struct call *call = *state;
    assert_int_equal(add(call, 1), STATUS_OK);
    fixture_sql("update auth.users set username = 'ann.1', password_hash = ''");
    struct ws_token token = find_user(call, 1);
    assert_string_equal(token.tiktok_username, "ann.1");
    assert_false(token.is_demo);
    assert_in_range(token.expires_in_ms, 23 * 3600 * 1000, 24 * 3600 * 1000);

    fixture_sql("update auth.settings set tiktok_username = 'ann.live'");
    assert_string_equal(find_user(call, 1).tiktok_username, "ann.live");
    fixture_sql("update auth.settings set tiktok_username = null");
    fixture_sql("update auth.users set username = null, password_hash = null, demo_key = 'demo'");
    token = find_user(call, 1);
    assert_null(token.tiktok_username);
    assert_true(token.is_demo);
    fixture_sql("update auth.users set is_banned = true");
    assert_int_equal(ws_tokens_find_user(call, hash_of(call, 1), &token), STATUS_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(a_token_is_found_by_its_hash_only),
        FIXTURE_TEST(a_user_keeps_the_newest_20),
        FIXTURE_TEST(an_expired_token_is_not_found_and_goes_with_the_next_sign_in),
        FIXTURE_TEST(a_banned_user_gets_no_token_and_the_old_ones_end),
        FIXTURE_TEST(a_user_who_is_gone_gets_no_token),
        FIXTURE_TEST(a_token_says_whose_live_its_socket_watches_and_how_long),
    };
    return cmocka_run_group_tests(tests, fixture_make_schema, NULL);
}
