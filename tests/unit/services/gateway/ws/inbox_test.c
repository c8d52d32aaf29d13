/* SPDX-License-Identifier: MIT */
#include "services/gateway/ws/inbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct fixture {
    struct inbox inbox;
    int woken;
    int ran;
    int statuses[8];
};

static void wake(void *closure)
{
    struct fixture *fixture = closure;
    fixture->woken++;
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    inbox_init(&fixture->inbox, wake, fixture);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    inbox_done(&fixture->inbox);
    free(fixture);
    return 0;
}

static void run(struct inbox_item *item)
{
    struct fixture *fixture = item->closure;
    fixture->statuses[fixture->ran % 8] = item->http_status;
    fixture->ran++;
}

static void put(struct fixture *fixture, int status, bool is_event)
{
    const struct inbox_item item = {
        .run = run, .closure = fixture, .http_status = status, .is_event = is_event};
    inbox_put(&fixture->inbox, &item);
}

static void items_run_in_order_after_one_wake(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, 1, false);
    put(fixture, 2, true);
    put(fixture, 3, false);
    assert_int_equal(fixture->woken, 1);
    assert_int_equal(fixture->ran, 0);
    assert_false(inbox_run(&fixture->inbox));
    assert_int_equal(fixture->ran, 3);
    assert_int_equal(fixture->statuses[0], 1);
    assert_int_equal(fixture->statuses[1], 2);
    assert_int_equal(fixture->statuses[2], 3);
    put(fixture, 4, false);
    assert_int_equal(fixture->woken, 2);
}

static void events_past_the_bound_are_lost_and_told_of_once(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < INBOX_EVENTS_MAX + 5; i++)
        put(fixture, i, true);
    assert_true(inbox_run(&fixture->inbox));
    assert_int_equal(fixture->ran, INBOX_EVENTS_MAX);
    put(fixture, 0, true);
    assert_false(inbox_run(&fixture->inbox));
    assert_int_equal(fixture->ran, INBOX_EVENTS_MAX + 1);
}

static void replies_get_in_whatever_the_events_do(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < INBOX_EVENTS_MAX; i++)
        put(fixture, i, true);
    put(fixture, 77, false);
    assert_false(inbox_run(&fixture->inbox));
    assert_int_equal(fixture->ran, INBOX_EVENTS_MAX + 1);
    assert_int_equal(fixture->statuses[INBOX_EVENTS_MAX % 8], 77);
}

static void a_closed_inbox_wakes_nobody_but_loses_nothing(void **state)
{
    struct fixture *fixture = *state;
    inbox_close(&fixture->inbox);
    put(fixture, 1, false);
    assert_int_equal(fixture->woken, 0);
    inbox_run(&fixture->inbox);
    assert_int_equal(fixture->ran, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(items_run_in_order_after_one_wake, set_up, tear_down),
        cmocka_unit_test_setup_teardown(events_past_the_bound_are_lost_and_told_of_once, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(replies_get_in_whatever_the_events_do, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_closed_inbox_wakes_nobody_but_loses_nothing, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
