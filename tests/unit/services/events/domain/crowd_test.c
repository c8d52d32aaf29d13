/* SPDX-License-Identifier: MIT */
#include "services/events/domain/crowd.h"

#include "lib/base/macros.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

AUTO_DEFINE(struct crowd *, crowd_free)

static void only_the_first_message_in_a_stream_is_the_first(void **state)
{
    (void)state;
    AUTO(crowd_free) struct crowd *crowd = crowd_new();
    assert_true(crowd_speaks(crowd, 1, 7));
    assert_false(crowd_speaks(crowd, 1, 7));
    assert_true(crowd_speaks(crowd, 1, 8));
    assert_true(crowd_speaks(crowd, 2, 7));
    assert_false(crowd_speaks(crowd, 1, 7));
}

static void ids_of_any_sign_are_told_apart(void **state)
{
    (void)state;
    static const int64_t ids[] = {1, -1, 11, INT64_MAX, INT64_MIN, 0};
    AUTO(crowd_free) struct crowd *crowd = crowd_new();
    for (size_t room = 0; room < ARRAY_LEN(ids); room++) {
        for (size_t viewer = 0; ids[viewer] != 0; viewer++)
            assert_true(crowd_speaks(crowd, ids[room], ids[viewer]));
    }
}

static void gifts_add_up_in_each_stream(void **state)
{
    (void)state;
    AUTO(crowd_free) struct crowd *crowd = crowd_new();
    assert_int_equal(crowd_gives(crowd, 1, 7, 0), 0);
    assert_int_equal(crowd_gives(crowd, 1, 7, 5), 5);
    assert_int_equal(crowd_gives(crowd, 1, 7, 100), 105);
    assert_int_equal(crowd_gives(crowd, 1, 8, 1), 1);
    assert_int_equal(crowd_gives(crowd, 2, 7, 2), 2);
    assert_int_equal(crowd_gives(crowd, 1, 7, 0), 105);
}

static void gifts_never_add_up_past_the_largest_number(void **state)
{
    (void)state;
    AUTO(crowd_free) struct crowd *crowd = crowd_new();
    assert_true(crowd_gives(crowd, 1, 7, INT64_MAX) == INT64_MAX);
    assert_true(crowd_gives(crowd, 1, 7, 1) == INT64_MAX);
    assert_true(crowd_gives(crowd, 1, 7, INT64_MAX) == INT64_MAX);
    assert_true(crowd_gives(crowd, 1, 7, 0) == INT64_MAX);
}

static void what_was_known_before_adds_and_never_takes_away(void **state)
{
    (void)state;
    AUTO(crowd_free) struct crowd *crowd = crowd_new();
    crowd_note(crowd, 1, 7, true, 50);
    assert_false(crowd_speaks(crowd, 1, 7));
    assert_int_equal(crowd_gives(crowd, 1, 7, 1), 51);
    crowd_note(crowd, 1, 7, false, 20);
    assert_false(crowd_speaks(crowd, 1, 7));
    assert_int_equal(crowd_gives(crowd, 1, 7, 0), 51);
    crowd_note(crowd, 1, 7, false, 60);
    assert_int_equal(crowd_gives(crowd, 1, 7, 0), 60);
    crowd_note(crowd, 1, 8, false, 60);
    assert_true(crowd_speaks(crowd, 1, 8));
    crowd_note(crowd, 1, 9, false, -60);
    assert_int_equal(crowd_gives(crowd, 1, 9, 0), 0);
}

/* Several such viewers would be taken for one. */
static void nothing_is_known_of_a_viewer_without_an_id(void **state)
{
    (void)state;
    AUTO(crowd_free) struct crowd *crowd = crowd_new();
    crowd_note(crowd, 1, 0, true, 50);
    assert_int_equal(crowd_gives(crowd, 1, 0, 5), 5);
    assert_int_equal(crowd_gives(crowd, 1, 0, 0), 0);
    assert_false(crowd_speaks(crowd, 1, 0));
}

static void asking_what_somebody_gave_remembers_nobody(void **state)
{
    (void)state;
    AUTO(crowd_free) struct crowd *crowd = crowd_new();
    assert_int_equal(crowd_gives(crowd, 1, 7, 3), 3);
    for (int64_t viewer = 1000; viewer < 1000 + 2 * CROWD_MAX; viewer++)
        assert_int_equal(crowd_gives(crowd, 1, viewer, 0), 0);
    assert_int_equal(crowd_gives(crowd, 1, 7, 0), 3);
}

static void past_the_bound_those_known_for_longest_are_forgotten(void **state)
{
    (void)state;
    AUTO(crowd_free) struct crowd *crowd = crowd_new();
    for (int64_t viewer = 1; viewer <= CROWD_MAX + 1; viewer++)
        assert_true(crowd_speaks(crowd, 1, viewer));
    assert_false(crowd_speaks(crowd, 1, CROWD_MAX + 1));
    assert_false(crowd_speaks(crowd, 1, 2));
    assert_true(crowd_speaks(crowd, 1, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_first_message_in_a_stream_is_the_first),
        cmocka_unit_test(ids_of_any_sign_are_told_apart),
        cmocka_unit_test(gifts_add_up_in_each_stream),
        cmocka_unit_test(gifts_never_add_up_past_the_largest_number),
        cmocka_unit_test(what_was_known_before_adds_and_never_takes_away),
        cmocka_unit_test(nothing_is_known_of_a_viewer_without_an_id),
        cmocka_unit_test(asking_what_somebody_gave_remembers_nobody),
        cmocka_unit_test(past_the_bound_those_known_for_longest_are_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
