/* SPDX-License-Identifier: MIT */
#include "services/events/domain/firings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define NOW_MS INT64_C(1700000000000)
#define SECOND_MS 1000
#define ID "11111111-2222-4333-8444-555555555555"
#define OTHER "22222222-2222-4333-8444-555555555555"

AUTO_DEFINE(struct firings *, firings_free)

static struct occasion by(int64_t room_id, int64_t viewer_id)
{
    return (struct occasion){.room_id = room_id, .viewer_id = viewer_id};
}

static bool forbids(const struct firings *firings, const struct trigger *trigger, int64_t room_id,
                    int64_t viewer_id, int64_t after_ms)
{
    const struct occasion occasion = by(room_id, viewer_id);
    return firings_forbid(firings, trigger, &occasion, NOW_MS + after_ms);
}

static void fire(struct firings *firings, const struct trigger *trigger, int64_t room_id,
                 int64_t viewer_id)
{
    const struct occasion occasion = by(room_id, viewer_id);
    firings_add(firings, trigger, &occasion, NOW_MS);
}

static void a_cooldown_is_over_to_the_millisecond(void **state)
{
    (void)state;
    AUTO(firings_free) struct firings *firings = firings_new();
    const struct trigger trigger = {.id = ID, .cooldown_seconds = 86400};
    assert_false(forbids(firings, &trigger, 1, 7, 0));
    fire(firings, &trigger, 1, 7);
    assert_true(forbids(firings, &trigger, 1, 8, 86400 * SECOND_MS - 1));
    assert_false(forbids(firings, &trigger, 1, 8, 86400 * SECOND_MS));
}

static void what_is_loaded_counts_like_what_happened(void **state)
{
    (void)state;
    AUTO(firings_free) struct firings *firings = firings_new();
    const struct trigger cools = {.id = ID, .cooldown_seconds = 10};
    const struct trigger once = {.id = OTHER, .once_per_stream = true};
    firings_note(firings, ID, 1, FIRINGS_ANYBODY, NOW_MS - 9999);
    firings_note(firings, OTHER, 1, FIRINGS_ANYBODY, 1);
    assert_true(forbids(firings, &cools, 1, 7, 0));
    assert_false(forbids(firings, &cools, 1, 7, 1));
    assert_true(forbids(firings, &once, 1, 7, 0));
    assert_false(forbids(firings, &once, 2, 7, 0));
}

static void an_older_time_changes_nothing(void **state)
{
    (void)state;
    AUTO(firings_free) struct firings *firings = firings_new();
    const struct trigger trigger = {.id = ID, .cooldown_seconds = 10};
    firings_note(firings, ID, 1, FIRINGS_ANYBODY, NOW_MS);
    firings_note(firings, ID, 1, FIRINGS_ANYBODY, NOW_MS - 9000);
    assert_true(forbids(firings, &trigger, 1, 7, 9999));
    firings_note(firings, ID, 1, FIRINGS_ANYBODY, NOW_MS + 5000);
    assert_true(forbids(firings, &trigger, 1, 7, 14999));
}

static void triggers_streams_and_viewers_are_told_apart(void **state)
{
    (void)state;
    static const int64_t ids[] = {0, 1, -1, 11, INT64_MAX, INT64_MIN};
    AUTO(firings_free) struct firings *firings = firings_new();
    const struct trigger one = {.id = ID, .user_cooldown_seconds = 10};
    const struct trigger two = {.id = OTHER, .user_cooldown_seconds = 10};
    for (size_t room = 0; room < ARRAY_LEN(ids); room++) {
        for (size_t viewer = 1; viewer < ARRAY_LEN(ids); viewer++) {
            assert_false(forbids(firings, &one, ids[room], ids[viewer], 0));
            fire(firings, &one, ids[room], ids[viewer]);
            assert_true(forbids(firings, &one, ids[room], ids[viewer], 0));
            assert_false(forbids(firings, &two, ids[room], ids[viewer], 0));
        }
    }
}

static void a_viewer_who_is_not_known_has_no_cooldown(void **state)
{
    (void)state;
    AUTO(firings_free) struct firings *firings = firings_new();
    const struct trigger trigger = {.id = ID, .user_cooldown_seconds = 10};
    fire(firings, &trigger, 1, 0);
    assert_false(forbids(firings, &trigger, 1, 0, 0));
}

static void a_trigger_without_cooldowns_needs_no_memory(void **state)
{
    (void)state;
    AUTO(firings_free) struct firings *firings = firings_new();
    const struct trigger free_one = {.id = ID};
    fire(firings, &free_one, 1, 7);
    const struct trigger later_once = {.id = ID, .once_per_stream = true};
    assert_false(forbids(firings, &later_once, 1, 7, 0));
}

/* However many viewers have a cooldown of their own. */
static void a_crowd_does_not_make_forget_what_fired_once_per_stream(void **state)
{
    (void)state;
    AUTO(firings_free) struct firings *firings = firings_new();
    const struct trigger once = {.id = ID, .once_per_stream = true};
    const struct trigger each = {.id = OTHER, .user_cooldown_seconds = 10};
    fire(firings, &once, 1, 7);
    for (int64_t viewer = 1; viewer <= FIRINGS_MAX + 1; viewer++)
        fire(firings, &each, 1, viewer);
    assert_true(forbids(firings, &once, 1, 7, 0));
    assert_false(forbids(firings, &each, 1, 1, 0)); /* forgotten: memory has a bound */
    assert_true(forbids(firings, &each, 1, 2, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cooldown_is_over_to_the_millisecond),
        cmocka_unit_test(what_is_loaded_counts_like_what_happened),
        cmocka_unit_test(an_older_time_changes_nothing),
        cmocka_unit_test(triggers_streams_and_viewers_are_told_apart),
        cmocka_unit_test(a_viewer_who_is_not_known_has_no_cooldown),
        cmocka_unit_test(a_trigger_without_cooldowns_needs_no_memory),
        cmocka_unit_test(a_crowd_does_not_make_forget_what_fired_once_per_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
