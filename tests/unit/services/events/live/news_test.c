/* SPDX-License-Identifier: MIT */
#include "services/events/live/news.h"

#include "lib/base/clock.h"
#include "tests/unit/services/events/live/listener.h"

#define SETTINGS "evt.auth.settings_changed"
#define TRIGGERS "news.events.triggers"
#define WATCHING "news.events.watching"
#define WAITING_MAX 4096 /* users */

struct fixture {
    struct listener listener; /* its own connection is another service's */
    struct waker waker;
    struct news *news;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.news = NULL};
    listener_open(&fixture.listener);
    waker_init(&fixture.waker);
    assert_int_equal(news_start(fixture.listener.bus, &fixture.waker, &fixture.news), STATUS_OK);
    assert_int_equal(natsConnection_FlushTimeout(bus_connection(fixture.listener.bus), LONG_MS),
                     NATS_OK);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    news_stop(fixture->news);
    waker_done(&fixture->waker);
    listener_close(&fixture->listener);
    return 0;
}

static void publish(struct fixture *fixture, const char *subject, const void *data, size_t size)
{
    assert_int_equal(
        natsConnection_Publish(bus_connection(fixture->listener.own), subject, data, (int)size),
        NATS_OK);
}

static void publish_text(struct fixture *fixture, const char *subject, const char *text)
{
    publish(fixture, subject, text, strlen(text));
}

static void tell_settings(struct fixture *fixture, const struct uuid *user)
{
    char json[96];
    (void)snprintf(json, sizeof(json), "{\"user_id\":\"%s\"}", user->text);
    publish_text(fixture, SETTINGS, json);
}

/* The next user comes within a long time, woken by a nudge. */
static void expect(struct fixture *fixture, const struct uuid *user)
{
    struct uuid taken;
    int64_t until_ms = clock_mono_ms() + LONG_MS;
    while (!news_take(fixture->news, &taken)) {
        assert_true(clock_mono_ms() < until_ms);
        waker_wait(&fixture->waker, until_ms - clock_mono_ms());
    }
    assert_string_equal(taken.text, user->text);
}

static void expect_nothing_more(struct fixture *fixture)
{
    struct uuid last;
    struct uuid taken;
    uuid_make(&last);
    tell_settings(fixture, &last);
    expect(fixture, &last);
    assert_false(news_take(fixture->news, &taken));
}

static void changes_of_settings_and_of_triggers_are_news_in_their_order(void **state)
{
    struct fixture *fixture = *state;
    struct uuid users[3];
    for (size_t i = 0; i < ARRAY_LEN(users); i++)
        uuid_make(&users[i]);
    tell_settings(fixture, &users[0]);
    publish_text(fixture, TRIGGERS, users[1].text);
    tell_settings(fixture, &users[2]);
    expect(fixture, &users[0]);
    expect(fixture, &users[1]);
    expect(fixture, &users[2]);
    expect_nothing_more(fixture);
}

static void what_is_told_reaches_every_replica_and_the_own_one(void **state)
{
    struct fixture *fixture = *state;
    struct uuid user;
    struct fixture other = {.listener.bus = open_bus("events-2")};
    struct bus *bus = other.listener.bus;
    uuid_make(&user);
    waker_init(&other.waker);
    assert_int_equal(news_start(bus, &other.waker, &other.news), STATUS_OK);
    assert_int_equal(natsConnection_FlushTimeout(bus_connection(bus), LONG_MS), NATS_OK);
    news_tell(fixture->news, user.text);
    expect(fixture, &user);
    expect(&other, &user);
    news_stop(other.news);
    waker_done(&other.waker);
    bus_close(bus);
}

static void what_names_no_user_is_no_news(void **state)
{
    struct fixture *fixture = *state;
    static const char *const odd[] = {"",
                                      "{}",
                                      "null",
                                      "[]",
                                      "{\"user_id\":1}",
                                      "{\"user_id\":\"masha\"}",
                                      "\xFF",
                                      "not an id",
                                      "11111111-2222-4333-8444-55555555555",
                                      "11111111-2222-4333-8444-5555555555555"};
    for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
        publish_text(fixture, SETTINGS, odd[i]);
        publish_text(fixture, TRIGGERS, odd[i]);
    }
    publish(fixture, TRIGGERS, "\0\0\0", 3);
    expect_nothing_more(fixture);
}

/* As large as NATS lets a message be. */
static void a_message_of_any_size_is_outlived(void **state)
{
    struct fixture *fixture = *state;
    AUTO_BUFFER(text, 1000000);
    buffer_add_text(&text, "{\"user_id\":\"");
    while (text.size < text.max - 2)
        buffer_add_char(&text, 'a');
    buffer_add_text(&text, "\"}");
    publish(fixture, TRIGGERS, text.data, text.size);
    publish(fixture, SETTINGS, text.data, text.size);
    expect_nothing_more(fixture);
}

static void on_end(natsConnection *connection, natsSubscription *subscription, natsMsg *message,
                   void *closure)
{
    (void)connection;
    (void)subscription;
    natsMsg_Destroy(message);
    waker_nudge(closure);
}

/* All that was published before has been taken in: callbacks come in the order of messages. */
static void await_callbacks(struct fixture *fixture)
{
    struct waker ended;
    waker_init(&ended);
    natsSubscription *end = NULL;
    natsConnection *connection = bus_connection(fixture->listener.bus);
    assert_int_equal(natsConnection_Subscribe(&end, connection, "test.end", on_end, &ended),
                     NATS_OK);
    assert_int_equal(natsConnection_FlushTimeout(connection, LONG_MS), NATS_OK);
    publish_text(fixture, "test.end", "");
    waker_wait(&ended, LONG_MS);
    natsSubscription_Destroy(end);
    waker_done(&ended);
}

static void past_the_bound_the_latest_news_are_left_out(void **state)
{
    struct fixture *fixture = *state;
    struct uuid first;
    struct uuid second;
    struct uuid taken;
    uuid_make(&first);
    uuid_make(&second);
    for (int i = 0; i < WAITING_MAX; i++)
        tell_settings(fixture, &first);
    for (int i = 0; i < WAITING_MAX; i++)
        tell_settings(fixture, &second);
    await_callbacks(fixture);
    for (int i = 0; i < WAITING_MAX; i++) {
        assert_true(news_take(fixture->news, &taken));
        assert_string_equal(taken.text, first.text);
    }
    assert_false(news_take(fixture->news, &taken));
    expect_nothing_more(fixture); /* there is room again */
}

static void what_a_user_has_chosen_to_watch_is_told_to_the_gateways(void **state)
{
    struct fixture *fixture = *state;
    natsConnection *gateway = bus_connection(fixture->listener.own);
    natsSubscription *subscription = NULL;
    struct uuid user;
    uuid_make(&user);
    assert_int_equal(natsConnection_SubscribeSync(&subscription, gateway, WATCHING), NATS_OK);
    assert_int_equal(natsConnection_FlushTimeout(gateway, LONG_MS), NATS_OK);
    static const char *const names[] = {"masha", NULL};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        char expected[128];
        natsMsg *message = NULL;
        news_tell_watched(fixture->news, user.text, names[i]);
        (void)snprintf(expected, sizeof(expected), "{\"user_id\":\"%s\"%s}", user.text,
                       names[i] ? ",\"username\":\"masha\"" : "");
        assert_int_equal(natsSubscription_NextMsg(&message, subscription, LONG_MS), NATS_OK);
        assert_string_equal(natsMsg_GetData(message), expected);
        natsMsg_Destroy(message);
    }
    natsSubscription_Destroy(subscription);
    expect_nothing_more(fixture);
}

#define NEWS_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        NEWS_TEST(changes_of_settings_and_of_triggers_are_news_in_their_order),
        NEWS_TEST(what_is_told_reaches_every_replica_and_the_own_one),
        NEWS_TEST(what_a_user_has_chosen_to_watch_is_told_to_the_gateways),
        NEWS_TEST(what_names_no_user_is_no_news),
        NEWS_TEST(a_message_of_any_size_is_outlived),
        NEWS_TEST(past_the_bound_the_latest_news_are_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
