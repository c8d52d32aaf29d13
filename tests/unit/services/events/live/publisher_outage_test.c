/* SPDX-License-Identifier: MIT */
/* The publisher beside a nats-server that goes and comes. */
#include "lib/base/uuid.h"
#include "services/events/live/publisher.h"
#include "tests/support/folder.h"
#include "tests/unit/lib/bus/server.h"

struct fixture {
    struct server server;
    char store[32];
    struct metrics *metrics;
    struct bus *bus;
    struct publisher *publisher;
    struct uuid ann, bob;
    int sent;
    atomic_int told;
};

static void start_publisher(struct fixture *fixture)
{
    const struct bus_options options = {.url = fixture->server.url, .name = "events"};
    fixture->metrics = metrics_new();
    int64_t until_ms = clock_mono_ms() + LONG_MS;
    while (bus_open(&options, &fixture->bus) != STATUS_OK && clock_mono_ms() < until_ms)
        clock_sleep_ms(20);
    assert_non_null(fixture->bus);
    assert_int_equal(publisher_new(fixture->bus, fixture->metrics, &fixture->publisher), STATUS_OK);
}

static void stop_publisher(struct fixture *fixture)
{
    publisher_free(TAKE(fixture->publisher));
    bus_close(TAKE(fixture->bus));
    metrics_free(TAKE(fixture->metrics));
}

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.store = "/tmp/ttb-publisher-XXXXXX"};
    assert_non_null(mkdtemp(fixture.store));
    fixture.server.store = fixture.store;
    uuid_make(&fixture.ann);
    uuid_make(&fixture.bob);
    start_server(&fixture.server);
    start_publisher(&fixture);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    stop_publisher(fixture);
    stop_server(&fixture->server);
    return folder_remove(fixture->store);
}

static void send_one(struct fixture *fixture)
{
    char id[16];
    int size = snprintf(id, sizeof(id), "%d", fixture->sent);
    publisher_send(fixture->publisher, fixture->ann.text, id, (struct slice){id, (size_t)size});
    fixture->sent++;
}

static void send_many(struct fixture *fixture, int count)
{
    for (int i = 0; i < count; i++)
        send_one(fixture);
}

static void wait_settled(struct fixture *fixture, int64_t number)
{
    int64_t until_ms = clock_mono_ms() + LONG_MS;
    while (publisher_settled(fixture->publisher) < number && clock_mono_ms() < until_ms)
        clock_sleep_ms(5);
    assert_int_equal(publisher_settled(fixture->publisher), number);
}

/* How many events of the user the stream has; each must be the one that was sent at that place. */
static int count_stored(struct fixture *fixture, const struct uuid *user)
{
    char subject[64];
    snprintf(subject, sizeof(subject), "live.%s", user->text);
    jsCtx *jetstream = bus_jetstream(fixture->bus);
    jsStreamInfo *info = NULL;
    assert_int_equal(js_GetStreamInfo(&info, jetstream, "LIVE", NULL, NULL), NATS_OK);
    uint64_t last = info->State.LastSeq;
    jsStreamInfo_Destroy(info);
    int count = 0;
    for (uint64_t position = 1; position <= last; position++) {
        AUTO(natsMsg_Destroy) natsMsg *message = NULL;
        if (js_GetMsg(&message, jetstream, "LIVE", position, NULL, NULL) != NATS_OK ||
            strcmp(natsMsg_GetSubject(message), subject) != 0)
            continue;
        assert_int_equal(atoll(natsMsg_GetData(message)), count);
        count++;
    }
    return count;
}

static void what_is_sent_while_nats_is_away_is_stored_in_order_when_it_is_back(void **state)
{
    struct fixture *fixture = *state;
    send_many(fixture, 10);
    wait_settled(fixture, 10);
    stop_server(&fixture->server);
    send_many(fixture, 500);
    wait_for_connection(fixture->bus, false);
    send_many(fixture, 100);
    assert_int_equal(publisher_position(fixture->publisher), 610);
    assert_int_equal(publisher_settled(fixture->publisher), 10);
    start_server(&fixture->server);
    wait_settled(fixture, 610);
    assert_int_equal(count_stored(fixture, &fixture->ann), 610);
}

static void a_server_that_dies_again_and_again_under_load_stores_each_event_once(void **state)
{
    struct fixture *fixture = *state;
    for (int round = 0; round < 4; round++) {
        for (int i = 0; i < 150; i++) {
            send_one(fixture);
            clock_sleep_ms(1);
            if (i == 50 + round)
                stop_server(&fixture->server);
            if (i == 70)
                start_server(&fixture->server);
        }
        wait_settled(fixture, fixture->sent);
    }
    assert_int_equal(count_stored(fixture, &fixture->ann), 600);
}

static void a_server_that_hangs_gets_it_all_when_it_goes_on(void **state)
{
    struct fixture *fixture = *state;
    kill(fixture->server.pid, SIGSTOP);
    send_many(fixture, 300);
    clock_sleep_ms(6000); /* long enough for them to be sent again */
    assert_int_equal(publisher_settled(fixture->publisher), 0);
    kill(fixture->server.pid, SIGCONT);
    wait_settled(fixture, 300);
    assert_int_equal(count_stored(fixture, &fixture->ann), 300);
}

static void nothing_is_sent_when_it_is_not_allowed(void **state)
{
    struct fixture *fixture = *state;
    publisher_allow(fixture->publisher, clock_mono_ms());
    send_many(fixture, 20);
    publisher_flush(fixture->publisher, 100);
    assert_int_equal(publisher_settled(fixture->publisher), 20);
    publisher_send(fixture->publisher, fixture->bob.text, "1", (struct slice){"0", 1});
    publisher_allow(fixture->publisher, clock_mono_ms() + LONG_MS);
    wait_settled(fixture, 21);
    assert_int_equal(count_stored(fixture, &fixture->ann), 0);
    assert_int_equal(count_stored(fixture, &fixture->bob), 1);
}

static void count_call(void *closure)
{
    struct fixture *fixture = closure;
    atomic_fetch_add(&fixture->told, 1);
}

static void progress_is_told_but_not_for_each_event(void **state)
{
    enum { EVENTS = 3000 };
    struct fixture *fixture = *state;
    publisher_on_settled(fixture->publisher, count_call, fixture);
    int64_t start_ms = clock_mono_ms();
    send_many(fixture, EVENTS);
    wait_settled(fixture, EVENTS);
    int64_t lasted_ms = clock_mono_ms() - start_ms;
    clock_sleep_ms(200);
    int told = atomic_load(&fixture->told);
    assert_in_range(told, 1, lasted_ms / 10 + 25);
    send_one(fixture);
    wait_settled(fixture, EVENTS + 1);
    clock_sleep_ms(200);
    assert_int_equal(atomic_load(&fixture->told), told + 1);
}

static void a_flush_waits_for_nothing_while_nothing_may_be_sent(void **state)
{
    struct fixture *fixture = *state;
    publisher_allow(fixture->publisher, 1);
    send_many(fixture, 5);
    int64_t began_ms = clock_mono_ms();
    publisher_flush(fixture->publisher, LONG_MS);
    assert_true(clock_mono_ms() - began_ms < LONG_MS / 2);
    publisher_allow(fixture->publisher, INT64_MAX);
    assert_int_equal(publisher_settled(fixture->publisher), 5);
    assert_int_equal(count_stored(fixture, &fixture->ann), 0);
}

static void a_flush_returns_as_soon_as_all_is_stored(void **state)
{
    struct fixture *fixture = *state;
    send_many(fixture, 700);
    publisher_flush(fixture->publisher, LONG_MS);
    assert_int_equal(publisher_settled(fixture->publisher), 700);
    assert_int_equal(count_stored(fixture, &fixture->ann), 700);
}

static void what_was_taken_over_is_stored_before_the_end(void **state)
{
    struct fixture *fixture = *state;
    send_many(fixture, 900);
    stop_publisher(fixture);
    start_publisher(fixture);
    assert_int_equal(count_stored(fixture, &fixture->ann), 900);
}

static void an_end_without_nats_comes_in_time(void **state)
{
    struct fixture *fixture = *state;
    stop_server(&fixture->server);
    wait_for_connection(fixture->bus, false);
    send_many(fixture, 5);
    int64_t start_ms = clock_mono_ms();
    stop_publisher(fixture);
    assert_true(clock_mono_ms() - start_ms < 10000);
    start_server(&fixture->server);
    start_publisher(fixture);
}

#define OUTAGE_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OUTAGE_TEST(what_is_sent_while_nats_is_away_is_stored_in_order_when_it_is_back),
        OUTAGE_TEST(a_server_that_dies_again_and_again_under_load_stores_each_event_once),
        OUTAGE_TEST(a_server_that_hangs_gets_it_all_when_it_goes_on),
        OUTAGE_TEST(nothing_is_sent_when_it_is_not_allowed),
        OUTAGE_TEST(a_flush_waits_for_nothing_while_nothing_may_be_sent),
        OUTAGE_TEST(a_flush_returns_as_soon_as_all_is_stored),
        OUTAGE_TEST(progress_is_told_but_not_for_each_event),
        OUTAGE_TEST(what_was_taken_over_is_stored_before_the_end),
        OUTAGE_TEST(an_end_without_nats_comes_in_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
