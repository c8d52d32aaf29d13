/* SPDX-License-Identifier: MIT */
/* Recorded TikTok traffic, decoded, against what an independent reader made of the same bytes. The
 * recordings lie outside the repository: without them the tests are skipped. */
#include "lib/base/buffer.h"
#include "lib/base/text.h"
#include "services/events/domain/streaks.h"
#include "services/events/domain/subscriptions.h"
#include "services/events/webcast/decode.h"
#include "services/events/webcast/frames.h"
#include "tests/unit/services/events/webcast/recorded_json.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define FILE_MAX_BYTES ((size_t)8 * 1024 * 1024)

AUTO_DEFINE(json_t *, json_decref)

/* ---- files ---- */

static bool read_shared(const char *name, struct buffer *out)
{
    const char *shared = getenv("TTB_SHARED");
    AUTO_BUFFER(path, 4096);
    buffer_printf(&path, "%s/webcast/%s", shared ? shared : "../shared", name);
    FILE *file = fopen(buffer_text(&path), "rb");
    if (!file)
        return false;
    char part[16384];
    size_t size;
    while ((size = fread(part, 1, sizeof(part), file)) > 0)
        buffer_add(out, part, size);
    fclose(file);
    return true;
}

/* Calls check with each line of a .jsonl file; returns how many there were. */
static size_t each_line(const char *name, void (*check)(const json_t *line))
{
    AUTO_BUFFER(text, FILE_MAX_BYTES);
    if (!read_shared(name, &text))
        skip();
    size_t count = 0;
    const char *at = buffer_text(&text);
    for (const char *end; (end = strchr(at, '\n')); at = end + 1, count++) {
        AUTO(json_decref) json_t *line = json_loadb(at, (size_t)(end - at), 0, NULL);
        assert_non_null(line);
        check(line);
    }
    return count;
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    assert_non_null(text);
    return text;
}

static void assert_same_json(const char *what, const json_t *actual, const json_t *expected)
{
    if (json_equal(actual, expected))
        return;
    AUTO(free) char *actual_text = json_dumps(actual, JSON_SORT_KEYS);
    AUTO(free) char *expected_text = json_dumps(expected, JSON_SORT_KEYS);
    fail_msg("%s\n  is       %s\n  expected %s", what, actual_text, expected_text);
}

/* ---- single messages ---- */

static void check_message(const char *what, const char *method, struct slice payload,
                          const json_t *expected)
{
    AUTO(arena_free) struct arena *arena = arena_new(DECODE_ARENA_BYTES);
    struct live_event event;
    assert_int_equal(decode_message(method, payload, arena, &event), DECODE_EVENT);
    AUTO(json_decref) json_t *actual = event_json(&event);
    assert_same_json(what, actual, expected);
}

static void check_core_line(const json_t *line)
{
    const char *file = text_of(line, "file");
    AUTO_BUFFER(payload, FILE_MAX_BYTES);
    assert_true(read_shared(file, &payload));
    check_message(file, text_of(line, "method"), buffer_slice(&payload),
                  json_object_get(line, "expected"));
}

static void every_recorded_message_decodes_to_what_is_expected(void **state)
{
    (void)state;
    assert_int_equal(each_line("expected.jsonl", check_core_line), 713);
}

/* The list of what is expected leaves the pictures out. */
static void check_gift_line(const json_t *line)
{
    if (!text_equal(text_of(line, "method"), "WebcastGiftMessage"))
        return;
    AUTO(arena_free) struct arena *arena = arena_new(DECODE_ARENA_BYTES);
    AUTO_BUFFER(payload, FILE_MAX_BYTES);
    assert_true(read_shared(text_of(line, "file"), &payload));
    struct live_event event;
    assert_int_equal(decode_message("WebcastGiftMessage", buffer_slice(&payload), arena, &event),
                     DECODE_EVENT);
    assert_true(text_starts_with(event.gift.image, "https://"));
}

static void every_recorded_gift_has_a_picture(void **state)
{
    (void)state;
    assert_int_equal(each_line("expected.jsonl", check_gift_line), 713);
}

/* ---- results: the frame and the sign server's batch ---- */

/* Of a message that we don't read, the recordings' list holds what all messages have in common. */
static json_t *unknown_json(struct slice payload, struct arena *arena)
{
    json_t *out = json_object();
    put_text(out, "type", "unknown");
    const Webcast__WebcastGoalUpdateMessage *m =
        (const Webcast__WebcastGoalUpdateMessage *)frame_unpack(
            &webcast__webcast_goal_update_message__descriptor, payload, arena, DECODE_ARENA_BYTES);
    assert_non_null(m);
    put_id(out, "msg_id", m->common->msg_id);
    put_id(out, "room_id", m->common->room_id);
    put_int(out, "create_time", m->common->create_time);
    return out;
}

static json_t *messages_json(const Webcast__ProtoMessageFetchResult *result)
{
    AUTO(arena_free) struct arena *arena = arena_new(DECODE_ARENA_BYTES);
    json_t *out = json_array();
    for (size_t i = 0; i < result->n_messages; i++) {
        const Webcast__BaseProtoMessage *m = result->messages[i];
        json_t *item = json_object();
        put_text(item, "method", m->method);
        put_id(item, "msg_id", m->msg_id);
        put_bool(item, "is_history", m->is_history);
        arena_reset(arena);
        struct live_event event;
        struct slice payload = {m->payload.data, m->payload.len};
        enum decode_result decoded = decode_message(m->method, payload, arena, &event);
        if (decoded == DECODE_EVENT)
            json_object_set_new(item, "expected", event_json(&event));
        if (decoded == DECODE_UNKNOWN)
            json_object_set_new(item, "expected", unknown_json(payload, arena));
        json_array_append_new(out, item);
    }
    return out;
}

static json_t *result_json(const Webcast__ProtoMessageFetchResult *result)
{
    json_t *out = json_object();
    put_text(out, "cursor", result->cursor);
    put_int(out, "fetch_interval", result->fetch_interval);
    put_int(out, "now", result->now);
    json_t *ext = json_stringn((const char *)result->internal_ext.data, result->internal_ext.len);
    json_object_set_new(out, "internal_ext", ext);
    put_int(out, "fetch_type", result->fetch_type);
    json_t *params = json_object();
    for (size_t i = 0; i < result->n_route_params; i++)
        put_text(params, result->route_params[i]->key, result->route_params[i]->value);
    put_new(out, "route_params", params);
    put_int(out, "heartbeat_duration", result->heartbeat_duration);
    put_bool(out, "need_ack", result->need_ack);
    put_text(out, "push_server", result->push_server);
    put_bool(out, "is_first", result->is_first);
    put_text(out, "history_comment_cursor", result->history_comment_cursor);
    put_bool(out, "history_no_more", result->history_no_more);
    json_object_set_new(out, "messages", messages_json(result));
    return out;
}

static void check_batch_line(const json_t *line)
{
    AUTO_BUFFER(body, FILE_MAX_BYTES);
    assert_true(read_shared(text_of(line, "file"), &body));
    AUTO(arena_free) struct arena *arena = arena_new(FRAME_ARENA_BYTES);
    const Webcast__ProtoMessageFetchResult *result =
        frame_decode_result(buffer_slice(&body), arena);
    assert_non_null(result);
    AUTO(json_decref) json_t *actual = result_json(result);
    assert_same_json("sign/batch.pb", actual, json_object_get(line, "expected"));
}

static void the_recorded_sign_answer_decodes_to_what_is_expected(void **state)
{
    (void)state;
    assert_int_equal(each_line("sign/expected.jsonl", check_batch_line), 1);
}

static json_t *frame_json(const struct frame *frame)
{
    json_t *out = json_object();
    put_id(out, "seq_id", (int64_t)frame->push->seq_id);
    put_id(out, "log_id", (int64_t)frame->push->log_id);
    put_int(out, "service", (int64_t)frame->push->service);
    put_int(out, "method", (int64_t)frame->push->method);
    json_t *headers = json_object();
    for (size_t i = 0; i < frame->push->n_headers; i++)
        put_text(headers, frame->push->headers[i]->key, frame->push->headers[i]->value);
    put_new(out, "headers", headers);
    put_text(out, "payload_encoding", frame->push->payload_encoding);
    put_text(out, "payload_type", frame->push->payload_type);
    put_int(out, "compressed_size", (int64_t)frame->push->payload.len);
    put_int(out, "payload_size", (int64_t)frame->payload.size);
    json_object_set_new(out, "result", result_json(frame->result));
    AUTO_BUFFER(ack, 4096);
    frame_encode_ack(&ack, frame);
    char hex[2 * 4096 + 1];
    text_hex(ack.data, ack.size, hex);
    put_text(out, "ack_hex", hex);
    return out;
}

static void check_frame_line(const json_t *line)
{
    AUTO_BUFFER(bytes, FILE_MAX_BYTES);
    assert_true(read_shared(text_of(line, "file"), &bytes));
    struct frame_reader reader;
    frame_reader_init(&reader);
    struct frame frame;
    assert_int_equal(frame_decode(buffer_slice(&bytes), &reader, &frame), FRAME_MESSAGES);
    AUTO(json_decref) json_t *actual = frame_json(&frame);
    assert_same_json("the frame", actual, json_object_get(line, "expected"));
    frame_reader_done(&reader);
}

static void the_recorded_frame_decodes_and_is_acknowledged_as_expected(void **state)
{
    (void)state;
    assert_int_equal(each_line("frames/expected.jsonl", check_frame_line), 1);
}

/* ---- gift runs ---- */

struct run {
    int64_t added;
    int64_t diamonds;
    int finals;
};

static void note_step(void *closure, const struct streak_step *step)
{
    struct run *run = closure;
    run->added += step->added;
    run->finals += step->final;
    if (step->final)
        run->diamonds = step->diamonds;
}

static void check_run_line(const json_t *line)
{
    struct run run = {0};
    struct streaks *streaks = streaks_new(note_step, &run);
    AUTO(arena_free) struct arena *arena = arena_new(DECODE_ARENA_BYTES);
    size_t i;
    const json_t *message;
    json_array_foreach(json_object_get(line, "messages"), i, message)
    {
        AUTO_BUFFER(payload, FILE_MAX_BYTES);
        assert_true(read_shared(text_of(message, "file"), &payload));
        struct live_event gift;
        assert_int_equal(decode_message("WebcastGiftMessage", buffer_slice(&payload), arena, &gift),
                         DECODE_EVENT);
        int64_t before = run.added;
        streaks_add(streaks, &gift, 0);
        assert_int_equal(run.added - before, json_integer_value(json_object_get(message, "delta")));
        arena_reset(arena);
    }

    const json_t *expected = json_object_get(line, "expected");
    bool never = text_equal(text_of(expected, "ended"), "never");
    assert_int_equal(run.finals, never ? 0 : 1);
    streaks_flush(streaks, STREAKS_IDLE_MS);
    assert_int_equal(run.finals, 1);
    assert_int_equal(run.added, json_integer_value(json_object_get(expected, "count")));
    assert_int_equal(run.diamonds, json_integer_value(json_object_get(expected, "diamonds")));
    streaks_free(streaks);
}

static void every_recorded_gift_run_adds_up_and_ends_once(void **state)
{
    (void)state;
    assert_int_equal(each_line("gift-runs.jsonl", check_run_line), 41);
}

/* The banner and the notification of one subscription, 2 s apart in the recording. */
static void a_recorded_subscription_that_came_in_two_ways_is_told_once(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        const char *method;
    } ways[] = {{"core/WebcastBarrageMessage/007.pb", "WebcastBarrageMessage"},
                {"core/WebcastSubNotifyMessage/000.pb", "WebcastSubNotifyMessage"}};
    AUTO(arena_free) struct arena *arena = arena_new(DECODE_ARENA_BYTES);
    struct subscriptions subscriptions = {0};
    int64_t told_of = 0;
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        AUTO_BUFFER(payload, FILE_MAX_BYTES);
        if (!read_shared(ways[i].file, &payload))
            skip();
        struct live_event event, subscription;
        assert_int_equal(decode_message(ways[i].method, buffer_slice(&payload), arena, &event),
                         DECODE_EVENT);
        const struct live_event *told =
            subscriptions_filter(&subscriptions, &event, event.create_time, &subscription);
        assert_int_equal(told != NULL, i == 0);
        if (told)
            told_of = told->user.id;
        else
            assert_int_equal(event.user.id, told_of);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_recorded_message_decodes_to_what_is_expected),
        cmocka_unit_test(every_recorded_gift_has_a_picture),
        cmocka_unit_test(the_recorded_sign_answer_decodes_to_what_is_expected),
        cmocka_unit_test(the_recorded_frame_decodes_and_is_acknowledged_as_expected),
        cmocka_unit_test(a_recorded_subscription_that_came_in_two_ways_is_told_once),
        cmocka_unit_test(every_recorded_gift_run_adds_up_and_ends_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
