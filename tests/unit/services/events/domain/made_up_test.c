/* SPDX-License-Identifier: MIT */
#include "services/events/domain/made_up.h"

#include "lib/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ROUNDS 20000

/* ---- events ---- */

static void every_kind_of_event_can_be_made_up(void **state)
{
    (void)state;
    static const enum live_event_type types[TRIGGER_EVENTS] = {
        [TRIGGER_CHAT] = LIVE_CHAT,     [TRIGGER_VIEWER_FIRST_MESSAGE] = LIVE_CHAT,
        [TRIGGER_GIFT] = LIVE_GIFT,     [TRIGGER_VIEWER_JOIN] = LIVE_JOIN,
        [TRIGGER_FOLLOW] = LIVE_FOLLOW, [TRIGGER_SUBSCRIBE] = LIVE_SUBSCRIBE,
        [TRIGGER_SHARE] = LIVE_SHARE,   [TRIGGER_LIKE] = LIVE_LIKE,
    };
    AUTO(arena_free) struct arena *arena = arena_new(1 << 20);
    for (enum trigger_event kind = 0; kind < TRIGGER_EVENTS; kind++) {
        const struct made_up made_up = {
            .event = kind, .msg_id = 99, .user = "Маша", .username = "Masha"};
        struct made_up_event event;
        made_up_fill(arena, &made_up, &event);
        assert_int_equal(event.event.type, types[kind]);
        assert_int_equal(event.event.msg_id, 99);
        assert_string_equal(event.event.user.nickname, "Маша");
        assert_string_equal(event.event.user.display_id, "Masha");
        assert_int_equal(event.occasion.event, kind);
        assert_string_equal(event.occasion.nickname, "Маша");
        assert_string_equal(event.occasion.name_folded, "masha");
    }
}

static void what_is_left_out_is_something_usual(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(1 << 20);
    struct made_up_event event;
    made_up_fill(arena, &(struct made_up){.event = TRIGGER_CHAT, .message = " "}, &event);
    assert_string_equal(event.occasion.nickname, "viewer");
    assert_string_equal(event.occasion.username, "viewer");
    assert_string_equal(event.occasion.message, "Привет!");
    made_up_fill(arena, &(struct made_up){.event = TRIGGER_CHAT, .username = "masha"}, &event);
    assert_string_equal(event.occasion.nickname, "masha");
    made_up_fill(arena, &(struct made_up){.event = TRIGGER_LIKE, .count = -5}, &event);
    assert_int_equal(event.occasion.count, 1);
    made_up_fill(arena, &(struct made_up){.event = TRIGGER_GIFT}, &event);
    assert_string_equal(event.occasion.gift_name, "Rose");
    assert_int_equal(event.occasion.gift_id, 5655);
    assert_int_equal(event.occasion.count, 1);
    assert_int_equal(event.occasion.diamonds, 1);
}

static void a_gift_is_one_final_step_of_all_its_diamonds(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(1 << 20);
    struct made_up_event event;
    const struct made_up made_up = {
        .event = TRIGGER_GIFT, .gift_name = "Lion", .gift_id = 6369, .count = 3, .diamonds = 90000};
    made_up_fill(arena, &made_up, &event);
    assert_ptr_equal(event.step.gift, &event.event);
    assert_true(event.step.final);
    assert_int_equal(event.step.count, 3);
    assert_int_equal(event.step.diamonds, 90000);
    assert_int_equal(event.event.gift.repeat_count, 3);
    assert_int_equal(event.event.gift.diamond_count, 30000);
    assert_string_equal(event.occasion.gift_name_folded, "lion");
    assert_int_equal(event.occasion.gift_id, 6369);
    assert_int_equal(event.occasion.count, 3);
    assert_int_equal(event.occasion.diamonds, 90000);
}

static void a_gift_of_any_numbers_can_be_made_up(void **state)
{
    (void)state;
    static const int64_t numbers[] = {INT64_MIN,        -1,       0, 1, INT32_MAX, INT64_C(1) << 31,
                                      INT64_C(1) << 32, INT64_MAX};
    AUTO(arena_free) struct arena *arena = arena_new(1 << 20);
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        for (size_t j = 0; j < ARRAY_LEN(numbers); j++) {
            struct made_up_event event;
            const struct made_up made_up = {
                .event = TRIGGER_GIFT, .count = numbers[i], .diamonds = numbers[j]};
            made_up_fill(arena, &made_up, &event);
            assert_true(event.event.gift.repeat_count >= 1);
            assert_true(event.event.gift.diamond_count >= 0);
            assert_true(event.occasion.count >= 1);
            assert_true(event.occasion.diamonds >= 1);
        }
    }
}

/* ---- events for triggers ---- */

static void a_trigger_is_shown_what_it_waits_for(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(1 << 20);
    static const struct {
        enum trigger_event event;
        enum trigger_condition condition;
        const char *value; /* as users type it */
    } rows[] = {
        {TRIGGER_FOLLOW, TRIGGER_IF_ALWAYS, NULL},
        {TRIGGER_CHAT, TRIGGER_IF_USERNAME, "@Masha"},
        {TRIGGER_VIEWER_JOIN, TRIGGER_IF_USERNAME, "Masha"},
        {TRIGGER_CHAT, TRIGGER_IF_MESSAGE_CONTAINS, "GG"},
        {TRIGGER_VIEWER_FIRST_MESSAGE, TRIGGER_IF_MESSAGE_CONTAINS, "ПРИВЕТ"},
        {TRIGGER_VIEWER_FIRST_MESSAGE, TRIGGER_IF_ALWAYS, NULL},
        {TRIGGER_GIFT, TRIGGER_IF_GIFT_NAME, "Heart Me"},
        {TRIGGER_GIFT, TRIGGER_IF_GIFT_ID, "7934"},
        {TRIGGER_GIFT, TRIGGER_IF_USERNAME, "masha"},
        {TRIGGER_CHAT, TRIGGER_IF_MESSAGE_CONTAINS, "*"},
        {TRIGGER_CHAT, TRIGGER_IF_USERNAME, ""},
        {TRIGGER_GIFT, TRIGGER_IF_GIFT_ID, NULL},
        {TRIGGER_GIFT, TRIGGER_IF_GIFT_NAME, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct trigger trigger = {
            .id = "t", .event = rows[i].event, .condition = rows[i].condition, .enabled = true};
        trigger.value = trigger_value(arena, rows[i].condition, rows[i].value);
        const struct made_up made_up = made_up_for(&trigger);
        struct made_up_event event;
        made_up_fill(arena, &made_up, &event);
        if (!trigger_matches(&trigger, &event.occasion))
            fail_msg("row %zu does not match", i);
    }
}

static void every_event_is_shown_to_a_trigger_without_a_condition(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(1 << 20);
    for (enum trigger_event kind = 0; kind < TRIGGER_EVENTS; kind++) {
        const struct trigger trigger = {
            .id = "t", .event = kind, .enabled = true, .combo_count = 7, .min_diamonds = 1000};
        const struct made_up made_up = made_up_for(&trigger);
        struct made_up_event event;
        made_up_fill(arena, &made_up, &event);
        assert_true(trigger_matches(&trigger, &event.occasion));
    }
}

static void an_id_that_is_none_stands_for_the_usual_gift(void **state)
{
    (void)state;
    static const char *const ids[] = {"rose", "-1", "0", "99999999999999999999"};
    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        const struct trigger trigger = {
            .event = TRIGGER_GIFT, .condition = TRIGGER_IF_GIFT_ID, .value = ids[i]};
        assert_int_equal(made_up_for(&trigger).gift_id, 0);
    }
}

/* ---- the test feed ---- */

/* Asked at least each second, or up to 100 ms later. */
static void the_feed_brings_something_every_3_to_8_seconds(void **state)
{
    (void)state;
    struct test_feed feed = {0};
    struct made_up made_up;
    int64_t now_ms = 123456;
    int64_t shortest_ms = INT64_MAX;
    int64_t longest_ms = 0;
    uint32_t chance = 1;
    assert_true(test_feed_next(&feed, now_ms, 0, &made_up));
    for (int64_t last_ms = now_ms, rounds = 0; rounds < ROUNDS;) {
        chance = chance * 1664525 + 1013904223;
        now_ms += 1 + (chance >> 8) % 1100;
        if (!test_feed_next(&feed, now_ms, chance >> 4, &made_up))
            continue;
        rounds++;
        if (now_ms - last_ms < shortest_ms)
            shortest_ms = now_ms - last_ms;
        if (now_ms - last_ms > longest_ms)
            longest_ms = now_ms - last_ms;
        last_ms = now_ms;
    }
    assert_in_range(shortest_ms, 3000, 4000);
    assert_in_range(longest_ms, 7000, 8000);
}

static void the_feed_has_chat_and_gifts_of_viewers_with_names(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(1 << 20);
    struct test_feed feed = {0};
    int seen[TRIGGER_EVENTS] = {0};
    for (int64_t i = 0; i < 100; i++) {
        struct made_up made_up;
        struct made_up_event event;
        assert_true(test_feed_next(&feed, i * 10000, 0, &made_up));
        made_up_fill(arena, &made_up, &event);
        seen[made_up.event]++;
        assert_false(text_is_blank(event.occasion.nickname));
        assert_false(text_is_blank(event.occasion.username));
    }
    assert_true(seen[TRIGGER_CHAT] > 0 && seen[TRIGGER_GIFT] > 0);
    assert_int_equal(seen[TRIGGER_CHAT] + seen[TRIGGER_GIFT], 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_event_can_be_made_up),
        cmocka_unit_test(what_is_left_out_is_something_usual),
        cmocka_unit_test(a_gift_is_one_final_step_of_all_its_diamonds),
        cmocka_unit_test(a_gift_of_any_numbers_can_be_made_up),
        cmocka_unit_test(a_trigger_is_shown_what_it_waits_for),
        cmocka_unit_test(every_event_is_shown_to_a_trigger_without_a_condition),
        cmocka_unit_test(an_id_that_is_none_stands_for_the_usual_gift),
        cmocka_unit_test(the_feed_brings_something_every_3_to_8_seconds),
        cmocka_unit_test(the_feed_has_chat_and_gifts_of_viewers_with_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
