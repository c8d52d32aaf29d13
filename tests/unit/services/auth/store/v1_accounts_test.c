/* SPDX-License-Identifier: MIT */
#include "services/auth/store/v1_accounts.h"

#include "services/auth/store/ws_tokens.h"
#include "tests/unit/services/auth/store/fixture.h"

#define BEN "22222222-2222-4222-8222-222222222222"
#define HASH "0000000000000000000000000000000000000000000000000000000000000001"
#define OTHER_HASH "0000000000000000000000000000000000000000000000000000000000000002"

static void open_token(struct call *call)
{
    const char *expires_at = NULL;
    assert_int_equal(ws_tokens_insert(call, ANN, HASH, 1, &expires_at), STATUS_OK);
}

static enum status show(struct call *call, const char *hash)
{
    struct v1_profile_reply profile = {.user_id = "untouched"};
    enum status status = v1_accounts_show(call, hash, &profile);
    assert_string_equal(profile.user_id, status == STATUS_OK ? ANN : "untouched");
    return status;
}

static void a_tokens_account_is_shown_with_volumes_as_parts_of_one(void **state)
{
    struct call *call = *state;
    open_token(call);
    fixture_sql("update auth.users set created_at = '2025-11-14T12:34:56.789Z';"
                "update auth.settings set tts_volume = 29, gifts_volume = 0, tts_enabled = false,"
                "  tiktok_username = 'somebody', updated_at = '2026-01-02T03:04:05Z'");
    struct v1_profile_reply profile;
    assert_int_equal(v1_accounts_show(call, HASH, &profile), STATUS_OK);
    assert_string_equal(profile.user_id, ANN);
    assert_string_equal(profile.tiktok_username, "somebody");
    assert_false(profile.tts_enabled);
    assert_true(profile.gifts_enabled);
    assert_float_equal(profile.tts_volume, 0.29, 0);
    assert_float_equal(profile.gifts_volume, 0, 0);
    assert_string_equal(profile.created_at, "2025-11-14T12:34:56.789Z");
    assert_string_equal(profile.updated_at, "2026-01-02T03:04:05.000Z");
}

static void nothing_is_shown_for_an_unknown_or_expired_token_or_a_banned_user(void **state)
{
    struct call *call = *state;
    open_token(call);
    assert_int_equal(show(call, HASH), STATUS_OK);
    assert_int_equal(show(call, OTHER_HASH), STATUS_NOT_FOUND);
    fixture_sql("update auth.users set is_banned = true");
    assert_int_equal(show(call, HASH), STATUS_NOT_FOUND);
    fixture_sql("update auth.users set is_banned = false;"
                "update auth.ws_tokens set expires_at = now()");
    assert_int_equal(show(call, HASH), STATUS_NOT_FOUND);
}

static void a_demo_key_has_one_account_with_settings(void **state)
{
    struct call *call = *state;
    const char *first = NULL;
    const char *again = NULL;
    assert_int_equal(v1_accounts_of_demo_key(call, "demo", BEN, &first), STATUS_OK);
    assert_int_equal(v1_accounts_of_demo_key(call, "demo", ANN, &again), STATUS_OK);
    assert_string_equal(first, BEN);
    assert_string_equal(again, BEN);
    assert_int_equal(fixture_sql("select count(*) from auth.settings where user_id = '" BEN "'"),
                     1);
}

static void an_account_gets_a_name_once(void **state)
{
    struct call *call = *state;
    const char *id = NULL;
    assert_int_equal(v1_accounts_of_demo_key(call, "demo", BEN, &id), STATUS_OK);
    assert_int_equal(v1_accounts_name(call, BEN, "ann", "hash"), STATUS_CONFLICT);
    assert_int_equal(v1_accounts_name(call, BEN, "ben", "hash"), STATUS_OK);
    assert_int_equal(v1_accounts_name(call, BEN, "bob", "hash"), STATUS_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(a_tokens_account_is_shown_with_volumes_as_parts_of_one),
        FIXTURE_TEST(nothing_is_shown_for_an_unknown_or_expired_token_or_a_banned_user),
        FIXTURE_TEST(a_demo_key_has_one_account_with_settings),
        FIXTURE_TEST(an_account_gets_a_name_once),
    };
    return cmocka_run_group_tests(tests, fixture_make_schema, NULL);
}
