/* SPDX-License-Identifier: MIT */
#include "services/auth/store/entitlements.h"

#include "services/auth/store/profiles.h"
#include "tests/unit/services/auth/store/fixture.h"

#define NOBODY "99999999-9999-4999-8999-999999999999"

static const char *const both[] = {"desktop", "mobile"};

static struct entitlement entitlement_of(int64_t version, const char *plan_id)
{
    return (struct entitlement){
        .user_id = ANN,
        .version = version,
        .rights = {.plan_id = plan_id,
                   .plan_name = plan_id,
                   .allowed_platforms = {both, ARRAY_LEN(both)},
                   .has_max_tiktok_accounts = true,
                   .max_tiktok_accounts = 3,
                   .may_change_tiktok = true,
                   .voice_engines = "all"},
    };
}

static void keep(struct call *call, int64_t version, const char *plan_id)
{
    const struct entitlement entitlement = entitlement_of(version, plan_id);
    assert_int_equal(entitlements_upsert(call, &entitlement), STATUS_OK);
}

static struct user_plan plan_of_ann(struct call *call)
{
    struct profile profile;
    assert_int_equal(profiles_find(call, ANN, &profile), STATUS_OK);
    return profile.plan;
}

/* How often it was told, and, each time as well, that settings depend on it. */
static int64_t told(void)
{
    int64_t settings =
        fixture_sql("select count(*) from auth.outbox where what = 'settings_changed'"
                    "  and body = jsonb_build_object('user_id', '" ANN "')");
    int64_t count =
        fixture_sql("select count(*) from auth.outbox where what = 'entitlement_changed'"
                    "  and body = jsonb_build_object('user_id', '" ANN "')");
    assert_int_equal(settings, count);
    return count;
}

static void check_free(struct call *call)
{
    const struct user_plan plan = plan_of_ann(call);
    assert_string_equal(plan.id, plan_free.id);
    assert_string_equal(plan.name, "NovaFree Streamer");
    assert_string_equal(plan.platforms, "desktop,mobile");
    assert_int_equal(plan.max_tiktok_accounts, 1);
    assert_false(plan.may_change_tiktok);
    assert_false(plan.has_all_voices);
}

static void a_user_without_a_copy_has_the_free_plan(void **state)
{
    check_free(*state);
}

static void the_copy_is_the_plan(void **state)
{
    struct call *call = *state;
    keep(call, 1, "pro");
    const struct user_plan plan = plan_of_ann(call);
    assert_string_equal(plan.id, "pro");
    assert_string_equal(plan.platforms, "desktop,mobile");
    assert_true(plan.has_account_limit);
    assert_int_equal(plan.max_tiktok_accounts, 3);
    assert_true(plan.may_change_tiktok);
    assert_true(plan.has_all_voices);
    assert_null(plan.expires_at);
}

static void a_higher_version_replaces_the_copy_and_is_told(void **state)
{
    struct call *call = *state;
    keep(call, 1, "pro");
    assert_true(call->has_news);
    keep(call, 3, "duo");
    assert_string_equal(plan_of_ann(call).id, "duo");
    assert_int_equal(told(), 2);
}

static void the_same_or_a_lower_version_changes_nothing_and_is_not_told(void **state)
{
    struct call *call = *state;
    keep(call, 3, "duo");
    call->has_news = false;
    keep(call, 3, "pro");
    keep(call, 2, "pro");
    assert_string_equal(plan_of_ann(call).id, "duo");
    assert_int_equal(told(), 1);
    assert_false(call->has_news);
}

static void a_copy_without_a_plan_is_the_free_plan(void **state)
{
    struct call *call = *state;
    keep(call, 1, "pro");
    const struct entitlement nothing = {.user_id = ANN, .version = 2};
    assert_int_equal(entitlements_upsert(call, &nothing), STATUS_OK);
    check_free(call);
    assert_int_equal(told(), 2);
}

static void a_copy_that_has_expired_is_the_free_plan(void **state)
{
    struct call *call = *state;
    struct entitlement old = entitlement_of(1, "pro");
    old.rights.expires_at = "2020-01-01T00:00:00.000Z";
    assert_int_equal(entitlements_upsert(call, &old), STATUS_OK);
    check_free(call);

    struct entitlement extended = entitlement_of(2, "pro");
    extended.rights.expires_at = "2120-01-01T00:00:00.000Z";
    assert_int_equal(entitlements_upsert(call, &extended), STATUS_OK);
    assert_string_equal(plan_of_ann(call).expires_at, "2120-01-01T00:00:00.000Z");
}

static void a_copy_may_come_before_its_user(void **state)
{
    struct call *call = *state;
    struct entitlement early = entitlement_of(1, "pro");
    early.user_id = NOBODY;
    assert_int_equal(entitlements_upsert(call, &early), STATUS_OK);
    assert_int_equal(
        fixture_sql("select count(*) from auth.entitlements where user_id = '" NOBODY "'"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(a_user_without_a_copy_has_the_free_plan),
        FIXTURE_TEST(the_copy_is_the_plan),
        FIXTURE_TEST(a_higher_version_replaces_the_copy_and_is_told),
        FIXTURE_TEST(the_same_or_a_lower_version_changes_nothing_and_is_not_told),
        FIXTURE_TEST(a_copy_without_a_plan_is_the_free_plan),
        FIXTURE_TEST(a_copy_that_has_expired_is_the_free_plan),
        FIXTURE_TEST(a_copy_may_come_before_its_user),
    };
    return cmocka_run_group_tests(tests, fixture_make_schema, NULL);
}
