/* SPDX-License-Identifier: MIT */
#include "services/events/live/catalogue.h"

#include "lib/base/clock.h"
#include "tests/unit/services/events/store/tables.h"

#define LONG_MS 20000
#define MANY 10000
#define NOBODY_THERE "http://127.0.0.1:9" /* the port of discard */

struct fixture {
    struct pg_options database;
    struct metrics *metrics;
    struct catalogue *catalogue;
};

static void start(struct fixture *fixture, bool asks_list)
{
    const struct catalogue_options options = {
        .database = &fixture->database,
        .ca_file = "",
        .webcast_base = NOBODY_THERE,
        .asks_list = asks_list,
        .metrics = fixture->metrics,
    };
    fixture->catalogue = catalogue_start(&options);
}

static int set_up(void **state)
{
    static struct fixture fixture;
    tables_execute("delete from events.gifts; delete from events.gift_list");
    fixture = (struct fixture){.database = {.url = DATABASE_URL}, .metrics = metrics_new()};
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    catalogue_stop(fixture->catalogue);
    metrics_free(fixture->metrics);
    return 0;
}

static void see(struct fixture *fixture, int64_t id, int32_t diamonds)
{
    const struct live_event event = {
        .type = LIVE_GIFT,
        .room_id = 7,
        .gift = {.gift_id = id,
                 .name = "Rose",
                 .image = "",
                 .has_price = true,
                 .diamond_count = diamonds},
    };
    catalogue_take_event(fixture->catalogue, &event);
}

static void wait_for(const char *sql)
{
    int64_t deadline_ms = clock_mono_ms() + LONG_MS;
    while (tables_execute(sql) == 0) {
        assert_true(clock_mono_ms() < deadline_ms);
        clock_sleep_ms(10);
    }
}

static int64_t written(struct fixture *fixture)
{
    return metric_value(metrics_counter(fixture->metrics, "ttb_gifts_written_total", "", ""));
}

static void a_gift_that_was_seen_is_written_soon(void **state)
{
    struct fixture *fixture = *state;
    start(fixture, false);
    see(fixture, 1, 5);
    wait_for("select 1 from events.gifts where gift_id = 1 and diamond_count = 5");
    see(fixture, 1, 6);
    wait_for("select 1 from events.gifts where gift_id = 1 and diamond_count = 6");
    assert_int_equal(written(fixture), 2);
}

static void a_gift_that_is_seen_ten_thousand_times_is_written_once(void **state)
{
    struct fixture *fixture = *state;
    start(fixture, false);
    for (int i = 0; i < MANY; i++)
        see(fixture, 1, 5);
    catalogue_stop(TAKE(fixture->catalogue));
    assert_int_equal(written(fixture), 1);
}

static void the_stop_writes_what_was_seen(void **state)
{
    struct fixture *fixture = *state;
    start(fixture, false);
    for (int i = 1; i <= 1200; i++) /* more than go into one statement */
        see(fixture, i, 5);
    catalogue_stop(TAKE(fixture->catalogue));
    assert_int_equal(tables_execute("select count(*) from events.gifts"), 1200);
    assert_int_equal(written(fixture), 1200);
}

static void what_could_not_be_written_is_written_later(void **state)
{
    struct fixture *fixture = *state;
    tables_execute("alter table events.gifts rename to hidden");
    start(fixture, false);
    see(fixture, 1, 5);
    clock_sleep_ms(50);
    tables_execute("alter table events.hidden rename to gifts");
    see(fixture, 2, 5);
    wait_for("select 1 from events.gifts where gift_id = 1");
    wait_for("select 1 from events.gifts where gift_id = 2");
}

static void other_events_are_no_gifts(void **state)
{
    struct fixture *fixture = *state;
    const struct live_event like = {.type = LIVE_LIKE, .room_id = 7, .like = {1, 1}};
    start(fixture, false);
    catalogue_take_event(fixture->catalogue, &like);
    catalogue_stop(TAKE(fixture->catalogue));
    assert_int_equal(tables_execute("select count(*) from events.gifts"), 0);
}

static int64_t refused(struct fixture *fixture)
{
    return metric_value(
        metrics_counter(fixture->metrics, "ttb_gift_lists_total", "", "outcome=\"refused\""));
}

static void a_list_that_is_not_to_be_had_is_asked_for_once_and_holds_up_nothing(void **state)
{
    struct fixture *fixture = *state;
    start(fixture, true);
    see(fixture, 1, 5);
    wait_for("select 1 from events.gift_list");
    wait_for("select 1 from events.gifts where gift_id = 1");
    catalogue_stop(TAKE(fixture->catalogue));
    assert_int_equal(refused(fixture), 1);

    start(fixture, true); /* another replica, or this one again */
    see(fixture, 2, 5);
    wait_for("select 1 from events.gifts where gift_id = 2");
    catalogue_stop(TAKE(fixture->catalogue));
    assert_int_equal(refused(fixture), 1);
}

static void who_may_not_ask_for_the_list_does_not(void **state)
{
    struct fixture *fixture = *state;
    start(fixture, false);
    see(fixture, 1, 5);
    wait_for("select 1 from events.gifts where gift_id = 1");
    catalogue_stop(TAKE(fixture->catalogue));
    assert_int_equal(tables_execute("select count(*) from events.gift_list"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_gift_that_was_seen_is_written_soon),
        TEST(a_gift_that_is_seen_ten_thousand_times_is_written_once),
        TEST(the_stop_writes_what_was_seen),
        TEST(what_could_not_be_written_is_written_later),
        TEST(other_events_are_no_gifts),
        TEST(a_list_that_is_not_to_be_had_is_asked_for_once_and_holds_up_nothing),
        TEST(who_may_not_ask_for_the_list_does_not),
    };
    return cmocka_run_group_tests(tests, tables_make, NULL);
}
