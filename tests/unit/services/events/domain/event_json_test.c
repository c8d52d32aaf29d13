/* SPDX-License-Identifier: MIT */
#include "services/events/domain/event_json.h"

#include "lib/base/text.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define JSON_MAX_BYTES 65536
#define NAME_SIZE 64
#define CONTRACT "proto/live.yaml"
#define ENVELOPE "\"id\":\"7\",\"seq\":42,\"ts\":\"2025-11-14T12:34:56.789Z\""
#define ANN "\"user\":\"Ann ❤\",\"username\":\"ann.99\""

AUTO_DEFINE(json_t *, json_decref)
AUTO_DEFINE(FILE *, fclose)

static const struct event_envelope envelope = {.id = "7", .seq = 42, .wall_ms = 1763123696789};
static const struct event_envelope spoken = {
    .id = "7", .seq = 42, .wall_ms = 1763123696789, .tts_url = "http://media/static/tts/1.mp3"};

#define EVENT(of_type, ...)                                                                        \
    {                                                                                              \
        .type = (of_type), .user = {.nickname = "Ann ❤", .display_id = "ann.99"}, __VA_ARGS__      \
    }

/* ---- the contract ---- */

static void read_contract(struct buffer *out)
{
    AUTO(fclose) FILE *file = fopen(CONTRACT, "r");
    if (!file)
        fail_msg("no %s: run the test in the root of the repository", CONTRACT);
    char part[4096];
    size_t size;
    while ((size = fread(part, 1, sizeof(part), file)) > 0)
        buffer_add(out, part, size);
}

/* Copies what stands in text between before and the next character of ends; fails where it isn't.
 */
static void between(const char *text, const char *before, char end, char *out, size_t size)
{
    const char *start = strstr(text, before);
    if (!start)
        fail_msg("no '%s' in " CONTRACT, before);
    start += strlen(before);
    size_t length = (size_t)(strchrnul(start, end) - start);
    assert_true(length < size);
    memcpy(out, start, length);
    out[length] = '\0';
}

/* The event has all that its schema requires. */
static void check_contract(const char *type, const json_t *event)
{
    AUTO_BUFFER(contract, JSON_MAX_BYTES);
    read_contract(&contract);
    char before[2 * NAME_SIZE];
    char schema[NAME_SIZE];
    char required[1024];
    snprintf(before, sizeof(before), "\n      %s: {payload: {$ref: '#/components/schemas/", type);
    between(buffer_text(&contract), before, '\'', schema, sizeof(schema));
    snprintf(before, sizeof(before), "\n    %s:", schema);
    const char *at = strstr(buffer_text(&contract), before);
    assert_non_null(at);
    between(at, "required: [", ']', required, sizeof(required));

    char *rest = required;
    for (char *name = strtok_r(rest, ", ", &rest); name; name = strtok_r(rest, ", ", &rest)) {
        if (!json_object_get(event, name))
            fail_msg("%s lacks %s", type, name);
    }
}

static void check(const char *json, const char *expected)
{
    assert_string_equal(json, expected);
    AUTO(json_decref) json_t *event = json_loads(json, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(event);
    check_contract(json_string_value(json_object_get(event, "type")), event);
}

static void check_event(const struct event_envelope *with, const struct live_event *event,
                        const char *expected)
{
    AUTO_BUFFER(json, JSON_MAX_BYTES);
    assert_true(event_json_write(with, event, &json));
    check(buffer_text(&json), expected);
}

/* ---- events ---- */

static void a_chat_message_has_its_text_and_perhaps_its_speech(void **state)
{
    (void)state;
    const struct live_event event = EVENT(LIVE_CHAT, .chat = {.content = "при\"вет\n🎄"});
    check_event(&envelope, &event,
                "{\"type\":\"chat\"," ENVELOPE "," ANN ",\"message\":\"при\\\"вет\\n🎄\"}");
    check_event(&spoken, &event,
                "{\"type\":\"chat\"," ENVELOPE "," ANN ",\"message\":\"при\\\"вет\\n🎄\","
                "\"tts_url\":\"http://media/static/tts/1.mp3\"}");
}

static void a_message_of_emotes_only_is_shown_as_faces(void **state)
{
    (void)state;
    const struct live_event two = EVENT(LIVE_CHAT, .chat = {.content = "", .emote_count = 2});
    check_event(&envelope, &two,
                "{\"type\":\"chat\"," ENVELOPE "," ANN ",\"message\":\"🙂🙂\"}");
    const struct live_event none = EVENT(LIVE_CHAT, .chat = {.content = ""});
    check_event(&envelope, &none, "{\"type\":\"chat\"," ENVELOPE "," ANN ",\"message\":\"\"}");
    const struct live_event both = EVENT(LIVE_CHAT, .chat = {.content = "hi", .emote_count = 2});
    check_event(&envelope, &both, "{\"type\":\"chat\"," ENVELOPE "," ANN ",\"message\":\"hi\"}");
}

static void not_all_of_very_many_emotes_are_shown(void **state)
{
    (void)state;
    const struct live_event event = EVENT(LIVE_CHAT, .chat = {.content = " ", .emote_count = 5000});
    check_event(&envelope, &event,
                "{\"type\":\"chat\"," ENVELOPE "," ANN
                ",\"message\":\"🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂\"}");
}

static void likes_have_a_total_where_it_is_known(void **state)
{
    (void)state;
    const struct live_event with = EVENT(LIVE_LIKE, .like = {.count = 15, .total = 5000000000});
    const struct live_event without = EVENT(LIVE_LIKE, .like = {.count = 1});
    check_event(&envelope, &with,
                "{\"type\":\"like\"," ENVELOPE "," ANN ",\"count\":15,\"total\":5000000000}");
    check_event(&envelope, &without, "{\"type\":\"like\"," ENVELOPE "," ANN ",\"count\":1}");
}

static void joins_follows_shares_and_subscriptions_say_who(void **state)
{
    (void)state;
    static const struct {
        enum live_event_type type;
        const char *expected;
    } rows[] = {
        {LIVE_JOIN, "{\"type\":\"viewer_join\"," ENVELOPE "," ANN "}"},
        {LIVE_FOLLOW, "{\"type\":\"follow\"," ENVELOPE "," ANN "}"},
        {LIVE_SHARE, "{\"type\":\"share\"," ENVELOPE "," ANN "}"},
        {LIVE_SUBSCRIBE, "{\"type\":\"subscribe\"," ENVELOPE "," ANN "}"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct live_event event = EVENT(rows[i].type, .join = {.action = 1});
        check_event(&envelope, &event, rows[i].expected);
    }
}

static void viewers_are_counted_and_nobody_is_named(void **state)
{
    (void)state;
    const struct live_event with =
        EVENT(LIVE_VIEWERS, .viewers = {.current = 120, .total = 4000, .popularity = 9});
    const struct live_event without = EVENT(LIVE_VIEWERS, .viewers = {.current = 0});
    check_event(&envelope, &with,
                "{\"type\":\"viewer\"," ENVELOPE ",\"current\":120,\"total\":4000}");
    check_event(&envelope, &without, "{\"type\":\"viewer\"," ENVELOPE ",\"current\":0}");
}

static void one_without_a_nickname_goes_by_the_username(void **state)
{
    (void)state;
    static const char *const blank[] = {"", " \t"};
    for (size_t i = 0; i < ARRAY_LEN(blank); i++) {
        struct live_event event = EVENT(LIVE_FOLLOW, .social = {.action = 1});
        event.user.nickname = blank[i];
        check_event(&envelope, &event,
                    "{\"type\":\"follow\"," ENVELOPE ",\"user\":\"ann.99\","
                    "\"username\":\"ann.99\"}");
    }
}

static void malformed_text_is_mended(void **state)
{
    (void)state;
    struct live_event event = EVENT(LIVE_CHAT, .chat = {.content = "a\xFFz"});
    event.user.nickname = "\xC3";
    check_event(&envelope, &event,
                "{\"type\":\"chat\"," ENVELOPE ",\"user\":\"\uFFFD\",\"username\":\"ann.99\","
                "\"message\":\"a\uFFFDz\"}");
}

static void clients_are_not_told_of_the_other_kinds(void **state)
{
    (void)state;
    for (enum live_event_type type = 0; type < LIVE_EVENT_TYPES; type++) {
        bool told = type == LIVE_CHAT || type == LIVE_LIKE || type == LIVE_JOIN ||
                    type == LIVE_FOLLOW || type == LIVE_SHARE || type == LIVE_SUBSCRIBE ||
                    type == LIVE_VIEWERS;
        struct live_event event = EVENT(type, .chat = {.content = ""});
        AUTO_BUFFER(json, JSON_MAX_BYTES);
        assert_int_equal(event_json_write(&envelope, &event, &json), told);
        assert_int_equal(json.size > 0, told);
    }
}

/* ---- gifts ---- */

static void check_gift(const struct event_envelope *with, const struct streak_step *step,
                       const char *expected)
{
    AUTO_BUFFER(json, JSON_MAX_BYTES);
    event_json_gift(with, step, &json);
    check(buffer_text(&json), expected);
}

static void a_single_gift_has_no_streak(void **state)
{
    (void)state;
    const struct live_event gift = EVENT(LIVE_GIFT, .gift = {.gift_id = 5655, .name = "Rose"});
    const struct streak_step step = {
        .gift = &gift, .added = 1, .count = 1, .diamonds = 1, .final = true};
    check_gift(&envelope, &step,
               "{\"type\":\"gift\"," ENVELOPE "," ANN ",\"gift_id\":\"5655\","
               "\"gift_name\":\"Rose\",\"count\":1,\"diamonds\":1}");
}

static void a_streak_tells_its_id_and_its_end(void **state)
{
    (void)state;
    const struct live_event gift = EVENT(LIVE_GIFT, .gift = {.gift_id = 7934,
                                                             .name = "Heart Me",
                                                             .group_id = 7435839104927384321,
                                                             .streakable = true});
    struct streak_step step = {.gift = &gift, .added = 2, .count = 7, .diamonds = 35};
    check_gift(&envelope, &step,
               "{\"type\":\"gift\"," ENVELOPE "," ANN ",\"gift_id\":\"7934\","
               "\"gift_name\":\"Heart Me\",\"count\":7,\"diamonds\":35,"
               "\"streak\":{\"id\":\"7435839104927384321\",\"final\":false}}");
    step.final = true;
    check_gift(&spoken, &step,
               "{\"type\":\"gift\"," ENVELOPE "," ANN ",\"gift_id\":\"7934\","
               "\"gift_name\":\"Heart Me\",\"count\":7,\"diamonds\":35,"
               "\"streak\":{\"id\":\"7435839104927384321\",\"final\":true},"
               "\"tts_url\":\"http://media/static/tts/1.mp3\"}");
}

/* ---- what the service adds ---- */

static void a_first_message_says_who_and_what_is_played(void **state)
{
    (void)state;
    const struct live_event event = EVENT(LIVE_CHAT, .chat = {.content = "hi"});
    struct event_envelope with = spoken;
    with.sound_url = "http://media/static/sounds/1/a.mp3";
    AUTO_BUFFER(json, JSON_MAX_BYTES);
    event_json_first_message(&with, &event, &json);
    check(buffer_text(&json), "{\"type\":\"viewer_first_message\"," ENVELOPE "," ANN ","
                              "\"sound_url\":\"http://media/static/sounds/1/a.mp3\","
                              "\"tts_url\":\"http://media/static/tts/1.mp3\"}");
}

static void a_sound_and_a_test_are_told_in_every_kind_of_event(void **state)
{
    (void)state;
    struct event_envelope with = envelope;
    with.sound_url = "http://media/a \"b\".mp3";
    with.is_test = true;
    const struct live_event follow = EVENT(LIVE_FOLLOW, .social = {.action = 1});
    check_event(&with, &follow,
                "{\"type\":\"follow\"," ENVELOPE "," ANN ","
                "\"sound_url\":\"http://media/a \\\"b\\\".mp3\",\"test\":true}");
    const struct live_event gift = EVENT(LIVE_GIFT, .gift = {.gift_id = -1, .name = ""});
    const struct streak_step step = {
        .gift = &gift, .count = INT64_MAX, .diamonds = INT64_MAX, .final = true};
    check_gift(&with, &step,
               "{\"type\":\"gift\"," ENVELOPE "," ANN ",\"gift_id\":\"-1\",\"gift_name\":\"\","
               "\"count\":9223372036854775807,\"diamonds\":9223372036854775807,"
               "\"sound_url\":\"http://media/a \\\"b\\\".mp3\",\"test\":true}");
}

static void deleted_messages_are_named_by_texts(void **state)
{
    (void)state;
    static const int64_t ids[] = {7435839104927384321, -1, 0, INT64_MIN};
    AUTO_BUFFER(json, JSON_MAX_BYTES);
    event_json_delete(&envelope, ids, ARRAY_LEN(ids), &json);
    check(buffer_text(&json),
          "{\"type\":\"delete\"," ENVELOPE ",\"ids\":[\"7435839104927384321\",\"-1\",\"0\","
          "\"-9223372036854775808\"]}");
    buffer_clear(&json);
    event_json_delete(&envelope, ids, 0, &json);
    check(buffer_text(&json), "{\"type\":\"delete\"," ENVELOPE ",\"ids\":[]}");
}

/* ---- status and errors ---- */

static void only_the_connected_state_is_connected(void **state)
{
    (void)state;
    static const char *const states[] = {"connecting", "connected", "reconnecting",
                                         "offline",    "ended",     "disconnected"};
    for (size_t i = 0; i < ARRAY_LEN(states); i++) {
        AUTO_BUFFER(json, JSON_MAX_BYTES);
        char expected[512];
        snprintf(expected, sizeof(expected),
                 "{\"type\":\"status\"," ENVELOPE ",\"connected\":%s,\"state\":\"%s\","
                 "\"message\":\"so \\\"it\\\" is\",\"tiktok_username\":\"ann.99\"}",
                 text_equal(states[i], "connected") ? "true" : "false", states[i]);
        event_json_status(&envelope, states[i], "so \"it\" is", "ann.99", &json);
        check(buffer_text(&json), expected);
    }
}

static void an_error_has_a_message_and_a_code(void **state)
{
    (void)state;
    AUTO_BUFFER(json, JSON_MAX_BYTES);
    event_json_error(&envelope, "not_live", "ann.99 is not live", &json);
    check(buffer_text(&json), "{\"type\":\"error\"," ENVELOPE
                              ",\"message\":\"ann.99 is not live\",\"code\":\"not_live\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chat_message_has_its_text_and_perhaps_its_speech),
        cmocka_unit_test(a_message_of_emotes_only_is_shown_as_faces),
        cmocka_unit_test(not_all_of_very_many_emotes_are_shown),
        cmocka_unit_test(likes_have_a_total_where_it_is_known),
        cmocka_unit_test(joins_follows_shares_and_subscriptions_say_who),
        cmocka_unit_test(viewers_are_counted_and_nobody_is_named),
        cmocka_unit_test(one_without_a_nickname_goes_by_the_username),
        cmocka_unit_test(malformed_text_is_mended),
        cmocka_unit_test(clients_are_not_told_of_the_other_kinds),
        cmocka_unit_test(a_single_gift_has_no_streak),
        cmocka_unit_test(a_streak_tells_its_id_and_its_end),
        cmocka_unit_test(a_first_message_says_who_and_what_is_played),
        cmocka_unit_test(a_sound_and_a_test_are_told_in_every_kind_of_event),
        cmocka_unit_test(deleted_messages_are_named_by_texts),
        cmocka_unit_test(only_the_connected_state_is_connected),
        cmocka_unit_test(an_error_has_a_message_and_a_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
