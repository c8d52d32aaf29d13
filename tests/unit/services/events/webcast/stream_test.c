/* SPDX-License-Identifier: MIT */
#include "services/events/webcast/stream.h"

#include "gen/webcast.pb-c.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define EVENTS_MAX 16

struct fixture {
    struct metrics *metrics;
    struct counters counters;
    struct stream_memory memory;
    struct stream *stream;
    struct buffer ack;
    int64_t ids[EVENTS_MAX];
    size_t count;
};

static void note_event(void *closure, const struct live_event *event)
{
    struct fixture *fixture = closure;
    assert_true(fixture->count < EVENTS_MAX);
    fixture->ids[fixture->count++] = event->msg_id;
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    if (!fixture)
        abort();
    fixture->metrics = metrics_new();
    counters_init(&fixture->counters, fixture->metrics);
    stream_memory_init(&fixture->memory);
    fixture->stream = calloc(1, sizeof(*fixture->stream));
    if (!fixture->stream)
        abort();
    stream_init(fixture->stream, "masha", &fixture->counters, note_event, fixture);
    buffer_init(&fixture->ack, 4096);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    buffer_done(&fixture->ack);
    free(fixture->stream);
    stream_memory_done(&fixture->memory);
    metrics_free(fixture->metrics);
    free(fixture);
    return 0;
}

/* A message of a frame under construction. */
struct message {
    const char *method;
    int64_t msg_id;
    bool is_history;
    bool is_broken;
};

static size_t make_payload(const struct message *message, uint8_t out[64])
{
    if (message->is_broken) {
        memset(out, 0xff, 8);
        return 8;
    }
    Webcast__Common common = WEBCAST__COMMON__INIT;
    Webcast__WebcastChatMessage chat = WEBCAST__WEBCAST_CHAT_MESSAGE__INIT;
    common.msg_id = message->msg_id;
    chat.common = &common;
    chat.content = (char *)"hello";
    return protobuf_c_message_pack(&chat.base, out);
}

static void add_message(Webcast__ProtoMessageFetchResult *result, Webcast__BaseProtoMessage *base,
                        const struct message *message, uint8_t payload[64])
{
    webcast__base_proto_message__init(base);
    base->method = (char *)message->method;
    base->msg_id = message->msg_id;
    base->is_history = message->is_history;
    base->payload = (ProtobufCBinaryData){make_payload(message, payload), payload};
    result->messages[result->n_messages++] = base;
}

static bool read_frame(struct fixture *fixture, bool need_ack, const struct message *messages,
                       size_t count)
{
    uint8_t payloads[EVENTS_MAX][64], result_bytes[2048], bytes[4096];
    Webcast__BaseProtoMessage bases[EVENTS_MAX];
    Webcast__BaseProtoMessage *pointers[EVENTS_MAX];
    Webcast__ProtoMessageFetchResult result = WEBCAST__PROTO_MESSAGE_FETCH_RESULT__INIT;
    result.messages = pointers;
    result.need_ack = need_ack;
    for (size_t i = 0; i < count; i++)
        add_message(&result, &bases[i], &messages[i], payloads[i]);

    Webcast__WebcastPushFrame push = WEBCAST__WEBCAST_PUSH_FRAME__INIT;
    push.payload_type = (char *)"msg";
    push.payload =
        (ProtobufCBinaryData){protobuf_c_message_pack(&result.base, result_bytes), result_bytes};
    struct slice frame = {bytes, protobuf_c_message_pack(&push.base, bytes)};
    return stream_read(fixture->stream, frame, 0, &fixture->memory, &fixture->ack);
}

#define READ_FRAME(fixture, need_ack, ...)                                                         \
    read_frame((fixture), (need_ack), (const struct message[]){__VA_ARGS__},                       \
               ARRAY_LEN(((const struct message[]){__VA_ARGS__})))

#define CHAT(id)                                                                                   \
    {                                                                                              \
        "WebcastChatMessage", (id), false, false                                                   \
    }

static void messages_become_events_in_their_order(void **state)
{
    struct fixture *fixture = *state;
    assert_true(READ_FRAME(fixture, false, CHAT(1), CHAT(2), CHAT(3)));
    assert_int_equal(fixture->count, 3);
    assert_int_equal(fixture->ids[0], 1);
    assert_int_equal(fixture->ids[2], 3);
}

static void a_broken_message_between_two_good_ones_is_counted_and_skipped(void **state)
{
    struct fixture *fixture = *state;
    READ_FRAME(fixture, false, CHAT(1), {"WebcastChatMessage", 2, false, true}, CHAT(3));
    assert_int_equal(fixture->count, 2);
    assert_int_equal(fixture->ids[1], 3);
    assert_int_equal(metric_value(fixture->counters.bad_messages), 1);
}

static void an_unknown_method_is_counted_and_skipped(void **state)
{
    struct fixture *fixture = *state;
    READ_FRAME(fixture, false, {"WebcastNobodyKnows", 1, false, false}, CHAT(2));
    assert_int_equal(fixture->count, 1);
    assert_int_equal(metric_value(fixture->counters.unknown_messages), 1);
}

static void garbage_between_two_frames_is_counted_and_skipped(void **state)
{
    struct fixture *fixture = *state;
    const struct slice garbage = {"\xff\xff\xff", 3};
    READ_FRAME(fixture, false, CHAT(1));
    assert_false(stream_read(fixture->stream, garbage, 0, &fixture->memory, &fixture->ack));
    READ_FRAME(fixture, false, CHAT(2));
    assert_int_equal(fixture->count, 2);
    assert_int_equal(metric_value(fixture->counters.bad_frames), 1);
    assert_int_equal(metric_value(fixture->counters.frames), 3);
}

static void history_is_dropped(void **state)
{
    struct fixture *fixture = *state;
    READ_FRAME(fixture, false, {"WebcastChatMessage", 1, true, false}, CHAT(2));
    assert_int_equal(fixture->count, 1);
    assert_int_equal(metric_value(fixture->counters.history), 1);
}

static void a_message_that_comes_again_after_a_reconnect_is_dropped(void **state)
{
    struct fixture *fixture = *state;
    READ_FRAME(fixture, false, CHAT(1), CHAT(2));
    stream_restart(fixture->stream);
    READ_FRAME(fixture, false, CHAT(2), CHAT(3));
    assert_int_equal(fixture->count, 3);
    assert_int_equal(metric_value(fixture->counters.duplicates), 1);
}

static void only_a_frame_that_asks_for_it_is_acknowledged(void **state)
{
    struct fixture *fixture = *state;
    READ_FRAME(fixture, false, CHAT(1));
    assert_int_equal(fixture->ack.size, 0);
    READ_FRAME(fixture, true, CHAT(2));
    assert_true(fixture->ack.size > 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(messages_become_events_in_their_order),
        TEST(a_broken_message_between_two_good_ones_is_counted_and_skipped),
        TEST(an_unknown_method_is_counted_and_skipped),
        TEST(garbage_between_two_frames_is_counted_and_skipped),
        TEST(history_is_dropped),
        TEST(a_message_that_comes_again_after_a_reconnect_is_dropped),
        TEST(only_a_frame_that_asks_for_it_is_acknowledged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
