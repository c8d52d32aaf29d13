/* SPDX-License-Identifier: MIT */
#include "services/events/live/publisher.h"

#include "tests/unit/services/events/live/listener.h"

static int set_up(void **state)
{
    static struct listener listener;
    listener_open(&listener);
    *state = &listener;
    return 0;
}

static int tear_down(void **state)
{
    listener_close(*state);
    return 0;
}

static void publish(struct listener *listener, const struct uuid *user, const char *id)
{
    struct slice event = {"{\"type\":\"chat\"}", 15};
    publisher_send(listener->publisher, user->text, id, event);
    listener_expect(listener, user, "chat");
}

/* Whether the stream has an event of the user. */
static bool is_kept(struct listener *listener, const struct uuid *user)
{
    char subject[64];
    (void)snprintf(subject, sizeof(subject), "live.%s", user->text);
    natsMsg *message = NULL;
    natsStatus status =
        js_GetLastMsg(&message, bus_jetstream(listener->own), "LIVE", subject, NULL, NULL);
    natsMsg_Destroy(message);
    return status == NATS_OK;
}

static void numbers_rise_whatever_the_clock_does(void **state)
{
    struct listener *listener = *state;
    int64_t last = publisher_next_seq(listener->publisher);
    for (int i = 0; i < 10000; i++) {
        int64_t next = publisher_next_seq(listener->publisher);
        assert_true(next > last);
        last = next;
    }
}

static void the_purge_takes_all_events_of_one_user(void **state)
{
    struct listener *listener = *state;
    struct uuid user, other;
    uuid_make(&user);
    uuid_make(&other);
    publish(listener, &user, "1");
    publish(listener, &user, "2");
    publish(listener, &other, "1");
    while (!is_kept(listener, &user) || !is_kept(listener, &other))
        nats_Sleep(1); /* the stream stores in its own time */
    assert_int_equal(publisher_purge(listener->publisher, user.text), STATUS_OK);
    assert_false(is_kept(listener, &user));
    assert_true(is_kept(listener, &other));
    assert_int_equal(publisher_purge(listener->publisher, user.text), STATUS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(numbers_rise_whatever_the_clock_does, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_purge_takes_all_events_of_one_user, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
