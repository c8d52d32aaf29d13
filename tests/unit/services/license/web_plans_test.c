/* SPDX-License-Identifier: MIT */
#include "services/license/web_plans.h"

#include "tests/support/servers.h"

static const struct pg_options nowhere = {.url = "postgresql://nobody@127.0.0.1:1/none"};

static void without_a_list_all_but_free_is_for_sale(void **state)
{
    (void)state;
    const struct list none = {0};
    assert_true(web_plans_allow(none, "pro"));
    assert_true(web_plans_allow(none, "nova_streamer_duo"));
    assert_false(web_plans_allow(none, "nova_free_streamer"));
}

static void with_a_list_only_what_it_names_is_for_sale(void **state)
{
    (void)state;
    static const char *const names[] = {"nova_streamer_duo", "nova_free_streamer"};
    const struct list plans = {names, ARRAY_LEN(names)};
    assert_true(web_plans_allow(plans, "nova_streamer_duo"));
    assert_true(web_plans_allow(plans, "nova_free_streamer"));
    assert_false(web_plans_allow(plans, "pro"));
    assert_false(web_plans_allow(plans, "nova_streamer"));
}

static void no_names_need_no_database(void **state)
{
    (void)state;
    static const char *const texts[] = {"", " ", ",", " , ,\t"};
    AUTO(arena_free) struct arena *arena = arena_new(65536);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct list plans = {NULL, 1};
        assert_int_equal(web_plans_resolve(texts[i], &nowhere, arena, &plans), STATUS_OK);
        assert_int_equal(plans.count, 0);
    }
}

static void names_wait_for_the_database(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(65536);
    struct list plans = {NULL, 1};
    assert_int_equal(web_plans_resolve("pro", &nowhere, arena, &plans), STATUS_UNAVAILABLE);
    assert_int_equal(plans.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_list_all_but_free_is_for_sale),
        cmocka_unit_test(with_a_list_only_what_it_names_is_for_sale),
        cmocka_unit_test(no_names_need_no_database),
        cmocka_unit_test(names_wait_for_the_database),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
