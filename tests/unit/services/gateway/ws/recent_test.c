/* SPDX-License-Identifier: MIT */
#include "services/gateway/ws/recent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static bool before(struct recent *recent, unsigned number)
{
    char id[80];
    (void)snprintf(id, sizeof(id), "11111111-1111-4111-8111-111111111111:%u", number);
    return recent_before(recent, id);
}

static void the_last_512_ids_are_known(void **state)
{
    (void)state;
    struct recent recent = {0};
    for (unsigned i = 0; i < 10 * RECENT_MAX; i++)
        assert_false(before(&recent, i));
    for (unsigned i = 9 * RECENT_MAX; i < 10 * RECENT_MAX; i++)
        assert_true(before(&recent, i));
    assert_false(before(&recent, 9 * RECENT_MAX - 1));
}

static void a_repeat_pushes_nothing_out(void **state)
{
    (void)state;
    struct recent recent = {0};
    for (unsigned i = 0; i < RECENT_MAX; i++)
        assert_false(before(&recent, i));
    for (unsigned i = 0; i < RECENT_MAX; i++)
        assert_true(before(&recent, 7));
    assert_true(before(&recent, 0));
}

static void an_empty_id_is_one_like_any_other(void **state)
{
    (void)state;
    struct recent recent = {0};
    assert_false(recent_before(&recent, ""));
    assert_true(recent_before(&recent, ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_512_ids_are_known),
        cmocka_unit_test(a_repeat_pushes_nothing_out),
        cmocka_unit_test(an_empty_id_is_one_like_any_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
