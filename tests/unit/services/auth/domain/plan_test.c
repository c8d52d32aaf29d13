/* SPDX-License-Identifier: MIT */
#include "services/auth/domain/plan.h"

#include "lib/base/macros.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct user_plan mobile_for_three = {
    .id = "nova_streamer_one_mobile",
    .platforms = "mobile",
    .has_account_limit = true,
    .max_tiktok_accounts = 3,
    .may_change_tiktok = true,
    .has_all_voices = true,
};
static const struct user_plan unlimited = {
    .id = "pro",
    .platforms = "desktop,mobile",
    .may_change_tiktok = true,
    .has_all_voices = true,
};

static void a_platform_is_allowed_when_the_plan_lists_it(void **state)
{
    (void)state;
    assert_true(plan_allows_platform(&unlimited, "desktop"));
    assert_true(plan_allows_platform(&unlimited, "mobile"));
    assert_true(plan_allows_platform(&mobile_for_three, "mobile"));
    assert_false(plan_allows_platform(&mobile_for_three, "desktop"));
}

static void a_part_of_a_platforms_name_is_not_the_platform(void **state)
{
    (void)state;
    static const char *const names[] = {"",    "mob",        "mobile,", "desktop,mobile",
                                        "top", "ktop,mobile"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        assert_false(plan_allows_platform(&unlimited, names[i]));
}

static void a_client_that_names_no_platform_is_mobile(void **state)
{
    (void)state;
    const struct user_plan desktop = {.platforms = "desktop"};
    assert_true(plan_allows_platform(&mobile_for_three, NULL));
    assert_false(plan_allows_platform(&desktop, NULL));
}

static void a_plan_without_platforms_allows_none(void **state)
{
    (void)state;
    const struct user_plan none = {.platforms = ""};
    assert_false(plan_allows_platform(&none, "mobile"));
}

static void local_voices_are_in_every_plan(void **state)
{
    (void)state;
    static const char *const voices[] = {"gtts-ru", "ru-RU-SvetlanaNeural", "espeak:en", "nobody",
                                         "http",    "xhttp:alloy"};
    for (size_t i = 0; i < ARRAY_LEN(voices); i++)
        assert_true(plan_allows_voice(&plan_free, voices[i]));
}

static void remote_voices_are_in_plans_with_all_voices(void **state)
{
    (void)state;
    assert_false(plan_allows_voice(&plan_free, "http:alloy"));
    assert_true(plan_allows_voice(&unlimited, "http:alloy"));
}

static void a_fixed_plan_sets_a_name_once_and_keeps_it(void **state)
{
    (void)state;
    static const struct {
        struct tiktok_history history;
        enum tiktok_verdict verdict;
    } rows[] = {
        {{.current = NULL, .count = 0}, TIKTOK_ALLOWED},
        {{.current = "ann", .count = 1, .is_known = true}, TIKTOK_ALLOWED},
        {{.current = NULL, .count = 1, .is_known = true}, TIKTOK_ALLOWED},
        {{.current = NULL, .count = 1}, TIKTOK_MAY_NOT_CHANGE},
        {{.current = "bob", .count = 1}, TIKTOK_MAY_NOT_CHANGE},
        {{.current = "bob", .count = 2, .is_known = true}, TIKTOK_MAY_NOT_CHANGE},
        /* What another backend has set, without recording it. */
        {{.current = "bob", .count = 0}, TIKTOK_MAY_NOT_CHANGE},
        {{.current = "ann", .count = 0}, TIKTOK_ALLOWED},
        /* Names of a better plan that has ended. */
        {{.current = "ann", .count = 5, .is_known = true}, TIKTOK_ALLOWED},
        {{.current = NULL, .count = 5, .is_known = true}, TIKTOK_ALLOWED},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(plan_check_tiktok(&plan_free, "ann", &rows[i].history), rows[i].verdict);
}

static void a_limited_plan_changes_freely_among_as_many_names_as_it_has(void **state)
{
    (void)state;
    static const struct {
        struct tiktok_history history;
        enum tiktok_verdict verdict;
    } rows[] = {
        {{.current = NULL, .count = 0}, TIKTOK_ALLOWED},
        {{.current = "bob", .count = 2}, TIKTOK_ALLOWED},
        {{.current = "bob", .count = 3}, TIKTOK_LIMIT_REACHED},
        {{.current = NULL, .count = 3}, TIKTOK_LIMIT_REACHED},
        {{.current = "bob", .count = 4}, TIKTOK_LIMIT_REACHED},
        {{.current = "bob", .count = 3, .is_known = true}, TIKTOK_ALLOWED},
        {{.current = "bob", .count = 9, .is_known = true}, TIKTOK_ALLOWED},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(plan_check_tiktok(&mobile_for_three, "ann", &rows[i].history),
                         rows[i].verdict);
}

static void a_plan_without_limit_takes_any_number_of_names(void **state)
{
    (void)state;
    const struct tiktok_history history = {.current = "bob", .count = 100000};
    assert_int_equal(plan_check_tiktok(&unlimited, "ann", &history), TIKTOK_ALLOWED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_platform_is_allowed_when_the_plan_lists_it),
        cmocka_unit_test(a_part_of_a_platforms_name_is_not_the_platform),
        cmocka_unit_test(a_client_that_names_no_platform_is_mobile),
        cmocka_unit_test(a_plan_without_platforms_allows_none),
        cmocka_unit_test(local_voices_are_in_every_plan),
        cmocka_unit_test(remote_voices_are_in_plans_with_all_voices),
        cmocka_unit_test(a_fixed_plan_sets_a_name_once_and_keeps_it),
        cmocka_unit_test(a_limited_plan_changes_freely_among_as_many_names_as_it_has),
        cmocka_unit_test(a_plan_without_limit_takes_any_number_of_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
