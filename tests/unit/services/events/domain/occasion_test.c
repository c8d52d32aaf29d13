/* SPDX-License-Identifier: MIT */
#include "services/events/domain/occasion.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct live_event event_of(enum live_event_type type)
{
    return (struct live_event){
        .type = type, .room_id = 5, .user = {.id = 7, .nickname = "МАША", .display_id = "Masha"}};
}

static void each_event_that_a_viewer_causes_is_an_occasion(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(1 << 20);
    static const struct {
        enum live_event_type type;
        enum trigger_event kind;
    } rows[] = {
        {LIVE_CHAT, TRIGGER_CHAT},     {LIVE_JOIN, TRIGGER_VIEWER_JOIN},
        {LIVE_FOLLOW, TRIGGER_FOLLOW}, {LIVE_SUBSCRIBE, TRIGGER_SUBSCRIBE},
        {LIVE_SHARE, TRIGGER_SHARE},   {LIVE_LIKE, TRIGGER_LIKE},
    };
    for (enum live_event_type type = 0; type < LIVE_EVENT_TYPES; type++) {
        struct live_event event = event_of(type);
        if (type == LIVE_CHAT)
            event.chat.content = "Привет";
        struct occasion occasion;
        size_t row = 0;
        while (row < ARRAY_LEN(rows) && rows[row].type != type)
            row++;
        assert_int_equal(occasion_of(arena, &event, &occasion), row < ARRAY_LEN(rows));
        if (row == ARRAY_LEN(rows))
            continue;
        assert_int_equal(occasion.event, rows[row].kind);
        assert_int_equal(occasion.room_id, 5);
        assert_int_equal(occasion.viewer_id, 7);
        assert_string_equal(occasion.username, "Masha");
        assert_string_equal(occasion.nickname, "МАША");
        assert_string_equal(occasion.name_folded, "masha");
        assert_string_equal(occasion.nickname_folded, "маша");
        assert_string_equal(occasion.message, type == LIVE_CHAT ? "Привет" : "");
        assert_string_equal(occasion.message_folded, type == LIVE_CHAT ? "привет" : "");
        assert_string_equal(occasion.gift_name_folded, "");
        assert_int_equal(occasion.unspoken, 0);
    }
}

static void likes_are_counted_as_they_come(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(1 << 20);
    static const int64_t counts[] = {1, 15, 0, INT64_MAX};
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        struct live_event event = event_of(LIVE_LIKE);
        event.like.count = counts[i];
        struct occasion occasion;
        assert_true(occasion_of(arena, &event, &occasion));
        assert_true(occasion.count == counts[i]);
    }
}

static void a_gift_is_worth_what_the_streak_is(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(1 << 20);
    struct live_event event = event_of(LIVE_GIFT);
    event.gift = (struct live_gift){.gift_id = -3, .name = "Heart ME", .repeat_count = 2};
    const struct streak_step step = {
        .gift = &event, .added = 1, .count = 9, .diamonds = INT64_MAX, .final = true};
    const struct occasion occasion = occasion_of_gift(arena, &step);
    assert_int_equal(occasion.event, TRIGGER_GIFT);
    assert_int_equal(occasion.gift_id, -3);
    assert_string_equal(occasion.gift_name, "Heart ME");
    assert_string_equal(occasion.gift_name_folded, "heart me");
    assert_int_equal(occasion.count, 9);
    assert_true(occasion.diamonds == INT64_MAX);
    assert_string_equal(occasion.message, "");
}

static void one_without_a_nickname_goes_by_the_username(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(1 << 20);
    static const char *const blank[] = {"", " \t"};
    for (size_t i = 0; i < ARRAY_LEN(blank); i++) {
        struct live_event event = event_of(LIVE_FOLLOW);
        event.user.nickname = blank[i];
        struct occasion occasion;
        assert_true(occasion_of(arena, &event, &occasion));
        assert_string_equal(occasion.nickname, "Masha");
        assert_string_equal(occasion.nickname_folded, "masha");
    }
}

static void one_without_any_name_has_empty_ones(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(1 << 20);
    struct live_event event = event_of(LIVE_JOIN);
    event.user = (struct live_user){.nickname = "", .display_id = ""};
    struct occasion occasion;
    assert_true(occasion_of(arena, &event, &occasion));
    assert_string_equal(occasion.nickname, "");
    assert_string_equal(occasion.name_folded, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_event_that_a_viewer_causes_is_an_occasion),
        cmocka_unit_test(likes_are_counted_as_they_come),
        cmocka_unit_test(a_gift_is_worth_what_the_streak_is),
        cmocka_unit_test(one_without_a_nickname_goes_by_the_username),
        cmocka_unit_test(one_without_any_name_has_empty_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
