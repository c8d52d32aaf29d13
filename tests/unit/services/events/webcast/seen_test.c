/* SPDX-License-Identifier: MIT */
#include "services/events/webcast/seen.h"

#include "lib/base/macros.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void an_id_is_seen_from_its_second_time_on(void **state)
{
    (void)state;
    static struct seen seen;
    assert_false(seen_before(&seen, 7));
    assert_true(seen_before(&seen, 7));
    assert_false(seen_before(&seen, -7));
}

static void an_id_is_forgotten_after_as_many_others(void **state)
{
    (void)state;
    static struct seen seen;
    for (int64_t id = 1; id <= SEEN_MAX; id++)
        assert_false(seen_before(&seen, id));
    assert_true(seen_before(&seen, 1));
    assert_false(seen_before(&seen, SEEN_MAX + 1)); /* takes the place of 1 */
    assert_true(seen_before(&seen, 2));
    assert_false(seen_before(&seen, 1));
}

static void no_id_is_never_seen(void **state)
{
    (void)state;
    static struct seen seen;
    assert_false(seen_before(&seen, 0));
    assert_false(seen_before(&seen, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_id_is_seen_from_its_second_time_on),
        cmocka_unit_test(an_id_is_forgotten_after_as_many_others),
        cmocka_unit_test(no_id_is_never_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
