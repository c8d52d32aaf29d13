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

/* Against the plain way to know: a list of the last ids, searched from end to end. */
static void it_knows_exactly_the_last_ones_in_a_long_run(void **state)
{
    (void)state;
    static struct seen seen;
    static int64_t last[SEEN_MAX];
    uint64_t chance = 1;
    for (size_t i = 0, next = 0; i < 5 * SEEN_MAX; i++) {
        chance = chance * 6364136223846793005u + 1442695040888963407u;
        /* of twice as many as are remembered, far apart as TikTok's are */
        int64_t id =
            INT64_C(7300000000000000000) + (int64_t)(chance >> 40) % (2 * SEEN_MAX) * 65536;
        bool expected = false;
        for (size_t j = 0; j < SEEN_MAX; j++)
            expected |= last[j] == id;
        assert_int_equal(seen_before(&seen, id), expected);
        if (!expected) {
            last[next] = id;
            next = (next + 1) % SEEN_MAX;
        }
    }
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
        cmocka_unit_test(it_knows_exactly_the_last_ones_in_a_long_run),
        cmocka_unit_test(no_id_is_never_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
