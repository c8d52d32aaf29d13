/* SPDX-License-Identifier: MIT */
#include "services/events/live/backlog.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define ANN "11111111-2222-4333-8444-555555555555"
#define BOB "22222222-2222-4333-8444-555555555555"
#define BIG ((size_t)1024 * 1024)

static int set_up(void **state)
{
    static struct backlog backlog;
    backlog_init(&backlog, BIG);
    *state = &backlog;
    return 0;
}

static int tear_down(void **state)
{
    backlog_done(*state);
    return 0;
}

static size_t add(struct backlog *backlog, const char *user_id, int64_t now_ms)
{
    return backlog_add(backlog, user_id, "id", (struct slice){"body", 4}, now_ms);
}

static void add_many(struct backlog *backlog, int count)
{
    for (int i = 0; i < count; i++)
        assert_int_equal(add(backlog, ANN, 0), 0);
}

static void expect_next(struct backlog *backlog, int64_t first, int64_t last)
{
    for (int64_t number = first; number <= last; number++) {
        const struct backlog_event *event = backlog_next(backlog, 0);
        assert_non_null(event);
        assert_int_equal(event->number, number);
    }
}

static void events_come_out_as_they_went_in(void **state)
{
    struct backlog *backlog = *state;
    char text[] = "changed later";
    (void)backlog_add(backlog, ANN, "one", (struct slice){text, sizeof(text)}, 5);
    (void)backlog_add(backlog, BOB, "two", (struct slice){"", 0}, 6);
    text[0] = 'X';
    const struct backlog_event *event = backlog_next(backlog, 7);
    assert_int_equal(event->number, 1);
    assert_string_equal(event->user_id.text, ANN);
    assert_string_equal(event->id, "one");
    assert_string_equal(event->body.data, "changed later");
    assert_int_equal(event->added_ms, 5);
    assert_int_equal(event->sent_ms, 7);
    event = backlog_next(backlog, 8);
    assert_int_equal(event->number, 2);
    assert_string_equal(event->user_id.text, BOB);
    assert_null(backlog_next(backlog, 9));
}

static void it_is_settled_up_to_the_first_that_is_not(void **state)
{
    struct backlog *backlog = *state;
    assert_int_equal(backlog_settled(backlog), 0);
    add_many(backlog, 4);
    expect_next(backlog, 1, 4);
    backlog_settle(backlog, 2);
    backlog_settle(backlog, 3);
    assert_int_equal(backlog_settled(backlog), 0);
    backlog_settle(backlog, 1);
    assert_int_equal(backlog_settled(backlog), 3);
    backlog_settle(backlog, 1);
    backlog_settle(backlog, 7);
    assert_int_equal(backlog_settled(backlog), 3);
    assert_false(backlog_is_empty(backlog));
    backlog_settle(backlog, 4);
    assert_int_equal(backlog_settled(backlog), 4);
    assert_true(backlog_is_empty(backlog));
    assert_int_equal(backlog->bytes, 0);
    add_many(backlog, 1);
    expect_next(backlog, 5, 5);
}

static void what_is_sent_again_comes_before_what_is_new(void **state)
{
    struct backlog *backlog = *state;
    add_many(backlog, 4);
    expect_next(backlog, 1, 3);
    backlog_settle(backlog, 2);
    backlog_rewind(backlog);
    add_many(backlog, 1);
    expect_next(backlog, 1, 1);
    expect_next(backlog, 3, 5);
    assert_null(backlog_next(backlog, 0));
}

static void no_more_is_under_way_than_the_window_holds(void **state)
{
    struct backlog *backlog = *state;
    add_many(backlog, BACKLOG_WINDOW + 10);
    expect_next(backlog, 1, BACKLOG_WINDOW);
    assert_null(backlog_next(backlog, 0));
    backlog_settle(backlog, 2);
    assert_null(backlog_next(backlog, 0));
    backlog_settle(backlog, 1);
    expect_next(backlog, BACKLOG_WINDOW + 1, BACKLOG_WINDOW + 2);
    assert_null(backlog_next(backlog, 0));
}

static void for_want_of_room_the_oldest_are_given_up(void **state)
{
    struct backlog *backlog = *state;
    add_many(backlog, 3);
    size_t size = backlog->bytes / 3;
    backlog->max_bytes = 3 * size;
    expect_next(backlog, 1, 1);
    assert_int_equal(add(backlog, ANN, 0), 1);
    assert_int_equal(add(backlog, ANN, 0), 1);
    assert_int_equal(backlog_settled(backlog), 2);
    assert_true(backlog->bytes <= backlog->max_bytes);
    expect_next(backlog, 3, 5);
    backlog_settle(backlog, 4);
    assert_int_equal(add(backlog, ANN, 0), 1);
    assert_int_equal(backlog_settled(backlog), 4);
    expect_next(backlog, 6, 6);
}

static void what_is_larger_than_the_room_is_given_up(void **state)
{
    struct backlog *backlog = *state;
    backlog->max_bytes = 10;
    assert_int_equal(add(backlog, ANN, 0), 1);
    assert_true(backlog_is_empty(backlog));
    assert_null(backlog_next(backlog, 0));
    assert_int_equal(backlog_settled(backlog), 1);
}

static void what_is_too_old_is_given_up(void **state)
{
    struct backlog *backlog = *state;
    (void)add(backlog, ANN, 100);
    (void)add(backlog, ANN, 200);
    (void)add(backlog, ANN, 300);
    expect_next(backlog, 1, 2);
    backlog_settle(backlog, 2);
    assert_int_equal(backlog_drop_older(backlog, 100), 0);
    assert_int_equal(backlog_drop_older(backlog, 101), 1);
    assert_int_equal(backlog_settled(backlog), 2);
    expect_next(backlog, 3, 3);
    assert_int_equal(backlog_drop_older(backlog, 1000), 1);
    assert_true(backlog_is_empty(backlog));
}

static void what_was_added_so_far_is_given_up_at_once(void **state)
{
    struct backlog *backlog = *state;
    add_many(backlog, 5);
    expect_next(backlog, 1, 3);
    backlog_settle(backlog, 2);
    backlog_settle(backlog, 4);
    assert_int_equal(backlog_drop_to(backlog, 3), 2);
    assert_int_equal(backlog_settled(backlog), 4);
    expect_next(backlog, 5, 5);
    assert_int_equal(backlog_drop_to(backlog, 100), 1);
    assert_true(backlog_is_empty(backlog));
}

static void a_users_events_are_given_up_and_no_others(void **state)
{
    struct backlog *backlog = *state;
    (void)add(backlog, ANN, 0);
    (void)add(backlog, BOB, 0);
    (void)add(backlog, ANN, 0);
    (void)add(backlog, BOB, 0);
    expect_next(backlog, 1, 1);
    assert_int_equal(backlog_drop_user(backlog, ANN), 2);
    assert_int_equal(backlog_drop_user(backlog, ANN), 0);
    assert_int_equal(backlog_settled(backlog), 1);
    expect_next(backlog, 2, 2);
    expect_next(backlog, 4, 4);
    backlog_settle(backlog, 2);
    assert_int_equal(backlog_settled(backlog), 3);
}

#define BACKLOG_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BACKLOG_TEST(events_come_out_as_they_went_in),
        BACKLOG_TEST(it_is_settled_up_to_the_first_that_is_not),
        BACKLOG_TEST(what_is_sent_again_comes_before_what_is_new),
        BACKLOG_TEST(no_more_is_under_way_than_the_window_holds),
        BACKLOG_TEST(for_want_of_room_the_oldest_are_given_up),
        BACKLOG_TEST(what_is_larger_than_the_room_is_given_up),
        BACKLOG_TEST(what_is_too_old_is_given_up),
        BACKLOG_TEST(what_was_added_so_far_is_given_up_at_once),
        BACKLOG_TEST(a_users_events_are_given_up_and_no_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
