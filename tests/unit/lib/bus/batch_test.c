/* SPDX-License-Identifier: MIT */
#include "lib/bus/batch.h"

#include "tests/unit/lib/bus/fixture.h"

static uint64_t count_stored(struct bus *bus)
{
    jsStreamInfo *info = NULL;
    assert_int_equal(js_GetStreamInfo(&info, bus_jetstream(bus), test_stream.name, NULL, NULL),
                     NATS_OK);
    uint64_t count = info->State.Msgs;
    jsStreamInfo_Destroy(info);
    return count;
}

static struct bus_event make_event(const char *subject, const char *id)
{
    return (struct bus_event){subject, id, {"{}", 2}};
}

static void an_id_is_stored_once(void **state)
{
    (void)state;
    struct bus *bus = open_with_stream();
    const struct bus_event events[] = {
        make_event("bustest.stored.x", "id-1"),
        make_event("bustest.stored.x", "id-2"),
        make_event("bustest.stored.x", "id-1"),
    };
    for (int i = 0; i < 3; i++)
        assert_int_equal(bus_publish_batch(bus, events, ARRAY_LEN(events), LONG_MS), STATUS_OK);
    assert_int_equal(count_stored(bus), 2);
    close_with_stream(bus);
}

static void a_batch_is_stored_in_its_order(void **state)
{
    (void)state;
    enum { EVENTS = 500 };
    static char ids[EVENTS][16];
    static struct bus_event events[EVENTS];
    struct bus *bus = open_with_stream();
    for (int i = 0; i < EVENTS; i++) {
        snprintf(ids[i], sizeof(ids[i]), "%d", i);
        events[i] = (struct bus_event){"bustest.stored.x", ids[i], {ids[i], strlen(ids[i])}};
    }
    assert_int_equal(bus_publish_batch(bus, events, EVENTS, LONG_MS), STATUS_OK);
    assert_int_equal(count_stored(bus), EVENTS);
    for (int i = 0; i < EVENTS; i += 71) {
        AUTO(natsMsg_Destroy) natsMsg *stored = NULL;
        assert_int_equal(
            js_GetMsg(&stored, bus_jetstream(bus), test_stream.name, (uint64_t)i + 1, NULL, NULL),
            NATS_OK);
        assert_string_equal(natsMsg_GetData(stored), ids[i]);
    }
    close_with_stream(bus);
}

static void a_batch_fails_when_one_of_it_is_not_taken(void **state)
{
    (void)state;
    struct bus *bus = open_with_stream();
    const struct bus_event events[] = {
        make_event("bustest.stored.x", "a"),
        make_event("bustest.lost", "b"), /* no stream takes it */
        make_event("bustest.stored.x", "c"),
    };
    assert_int_equal(bus_publish_batch(bus, events, 3, LONG_MS), STATUS_UNAVAILABLE);
    assert_int_equal(bus_publish_batch(bus, &events[2], 1, LONG_MS), STATUS_OK);
    assert_int_equal(count_stored(bus), 2);
    close_with_stream(bus);
}

static void a_batch_fails_when_the_stream_refuses_one(void **state)
{
    (void)state;
    static const char long_body[] = "{\"text\":\"far longer, headers and all, than what this "
                                    "little stream would ever want to take\"}";
    struct bus *bus = open_bus("publisher");
    jsStreamConfig config;
    jsStreamConfig_Init(&config);
    config.Name = test_stream.name;
    config.Subjects = (const char *[]){test_stream.subjects};
    config.SubjectsLen = 1;
    config.MaxMsgSize = 64; /* with the headers */
    assert_int_equal(js_AddStream(NULL, bus_jetstream(bus), &config, NULL, NULL), NATS_OK);
    const struct bus_event events[] = {
        make_event("bustest.stored.x", "a"),
        {"bustest.stored.x", "b", {long_body, sizeof(long_body) - 1}},
    };
    assert_int_equal(bus_publish_batch(bus, events, 2, LONG_MS), STATUS_UNAVAILABLE);
    assert_int_equal(bus_publish_batch(bus, events, 1, LONG_MS), STATUS_OK);
    assert_int_equal(count_stored(bus), 1);
    close_with_stream(bus);
}

/* Takes messages, but acknowledges none; the batch after it is not held responsible. */
static void a_batch_without_acknowledgements_fails_in_time(void **state)
{
    (void)state;
    struct bus *bus = open_with_stream();
    struct subscriptions *silence = serve(bus, "bustest.silent", stay_silent, NULL);
    const struct bus_event unanswered = make_event("bustest.silent", "a");
    const struct bus_event good = make_event("bustest.stored.x", "b");
    assert_int_equal(bus_publish_batch(bus, &unanswered, 1, 50), STATUS_UNAVAILABLE);
    assert_int_equal(bus_publish_batch(bus, &good, 1, LONG_MS), STATUS_OK);
    subscriptions_free(silence);
    close_with_stream(bus);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_id_is_stored_once),
        cmocka_unit_test(a_batch_is_stored_in_its_order),
        cmocka_unit_test(a_batch_fails_when_one_of_it_is_not_taken),
        cmocka_unit_test(a_batch_fails_when_the_stream_refuses_one),
        cmocka_unit_test(a_batch_without_acknowledgements_fails_in_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
