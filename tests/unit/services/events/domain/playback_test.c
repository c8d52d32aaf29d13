/* SPDX-License-Identifier: MIT */
/* The rules of docs/storms.md, by their numbers there. */
#include "services/events/domain/playback.h"

#include "lib/base/macros.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define NOW_MS INT64_C(5000000)
#define MASHA 7
#define IVAN 8
#define ROSE 5655
#define LION 6369
#define KEPT_MS 300000

/* Says the text if there is time for it. */
static bool say(struct playback *playback, enum playback_worth worth, const char *text,
                int64_t now_ms)
{
    if (!playback_admits(playback, worth, text, now_ms))
        return false;
    playback_say(playback, text, now_ms);
    return true;
}

/* Makes the app busy for exactly so long. */
static void keep_busy(struct playback *playback, int64_t ms)
{
    playback->busy_until_ms = NOW_MS + ms;
}

/* ---- 1. how long the app is busy ---- */

static void a_text_takes_half_a_second_and_70_ms_a_character(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } rows[] = {{"", 500}, {"a", 570}, {"привет", 920}, {"🌹", 570}, {"a\xFF", 640}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct playback playback = {0};
        playback_say(&playback, rows[i].text, NOW_MS);
        assert_int_equal(playback.busy_until_ms, NOW_MS + rows[i].ms);
    }
}

static void texts_follow_one_another(void **state)
{
    (void)state;
    struct playback playback = {0};
    playback_say(&playback, "one", NOW_MS);
    playback_say(&playback, "two", NOW_MS + 1);
    assert_int_equal(playback.busy_until_ms, NOW_MS + 710 + 710);
    playback_say(&playback, "late", NOW_MS + 10000);
    assert_int_equal(playback.busy_until_ms, NOW_MS + 10000 + 780);
}

static void asking_makes_nobody_busy(void **state)
{
    (void)state;
    struct playback playback = {0};
    for (int i = 0; i < 1000; i++)
        assert_true(playback_admits(&playback, PLAYBACK_CHAT, "text", NOW_MS));
    assert_int_equal(playback.busy_until_ms, 0);
}

/* ---- 2. what is let in ---- */

static void a_text_is_let_in_if_it_would_begin_soon_enough_for_what_it_is_worth(void **state)
{
    (void)state;
    static const struct {
        enum playback_worth worth;
        int64_t longest_ms;
    } rows[] = {{PLAYBACK_CHAT, 15000},
                {PLAYBACK_TRIGGER, 20000},
                {PLAYBACK_GIFT, 30000},
                {PLAYBACK_TREASURE, 60000}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct playback playback = {0};
        keep_busy(&playback, rows[i].longest_ms);
        assert_true(playback_admits(&playback, rows[i].worth, "text", NOW_MS));
        keep_busy(&playback, rows[i].longest_ms + 1);
        assert_false(playback_admits(&playback, rows[i].worth, "text", NOW_MS));
        assert_true(playback_admits(&playback, rows[i].worth, "text", NOW_MS + 1));
    }
}

static void in_a_storm_the_less_valuable_goes_first_and_nothing_waits_for_longer(void **state)
{
    (void)state;
    struct playback playback = {0};
    int let_in[4] = {0};
    for (int i = 0; i < 10000; i++) {
        char text[16];
        (void)snprintf(text, sizeof(text), "%d", i);
        for (enum playback_worth worth = PLAYBACK_CHAT; worth <= PLAYBACK_TREASURE; worth++) {
            text[0] = (char)('a' + worth);
            let_in[worth] += say(&playback, worth, text, NOW_MS);
        }
    }
    for (enum playback_worth worth = PLAYBACK_CHAT; worth < PLAYBACK_TREASURE; worth++)
        assert_true(let_in[worth] < let_in[worth + 1]);
    assert_true(let_in[PLAYBACK_CHAT] > 0);
    assert_in_range(playback.busy_until_ms, NOW_MS + 60000, NOW_MS + 61000);
}

/* ---- 3. what waits already ---- */

static void a_text_that_waits_is_not_let_in_again_until_it_is_being_said(void **state)
{
    (void)state;
    struct playback playback = {0};
    keep_busy(&playback, 5000);
    assert_true(say(&playback, PLAYBACK_CHAT, "+", NOW_MS));
    for (int i = 0; i < 100; i++)
        assert_false(say(&playback, PLAYBACK_CHAT, "+", NOW_MS + 4999));
    assert_false(say(&playback, PLAYBACK_TREASURE, "+", NOW_MS + 4999));
    assert_true(say(&playback, PLAYBACK_CHAT, "-", NOW_MS + 4999));
    assert_true(say(&playback, PLAYBACK_CHAT, "+", NOW_MS + 5000));
}

/* As many as can wait: the shortest texts, of the greatest worth. */
static void no_text_that_waits_is_forgotten(void **state)
{
    (void)state;
    struct playback playback = {0};
    char text[2] = "";
    int count = 0;
    for (int c = 1; c < 256; c++) {
        text[0] = (char)c;
        count += say(&playback, PLAYBACK_TREASURE, text, NOW_MS);
    }
    assert_int_equal(count, 60000 / 570 + 1);
    text[0] = 2; /* the first that has to wait */
    assert_false(playback_admits(&playback, PLAYBACK_TREASURE, text, NOW_MS + 569));
    assert_true(playback_admits(&playback, PLAYBACK_TREASURE, text, NOW_MS + 570));
}

/* ---- 4. gifts are added up ---- */

static void gifts_without_thanks_are_kept_for_their_sender_and_kind(void **state)
{
    (void)state;
    struct playback playback = {0};
    assert_int_equal(playback_owed(&playback, MASHA, ROSE, NOW_MS), 0);
    playback_owe(&playback, MASHA, ROSE, 3, NOW_MS);
    assert_int_equal(playback_owed(&playback, MASHA, ROSE, NOW_MS), 3);
    assert_int_equal(playback_owed(&playback, IVAN, ROSE, NOW_MS), 0);
    assert_int_equal(playback_owed(&playback, MASHA, LION, NOW_MS), 0);
    playback_owe(&playback, MASHA, ROSE, 5, NOW_MS);
    assert_int_equal(playback_owed(&playback, MASHA, ROSE, NOW_MS), 5);
}

static void gifts_are_kept_for_five_minutes(void **state)
{
    (void)state;
    struct playback playback = {0};
    playback_owe(&playback, MASHA, ROSE, 3, NOW_MS);
    assert_int_equal(playback_owed(&playback, MASHA, ROSE, NOW_MS + KEPT_MS), 3);
    assert_int_equal(playback_owed(&playback, MASHA, ROSE, NOW_MS + KEPT_MS + 1), 0);
}

static void gifts_that_were_thanked_for_are_owed_no_longer(void **state)
{
    (void)state;
    struct playback playback = {0};
    playback_owe(&playback, MASHA, ROSE, 3, NOW_MS);
    playback_owe(&playback, MASHA, ROSE, 0, NOW_MS);
    assert_int_equal(playback_owed(&playback, MASHA, ROSE, NOW_MS), 0);
}

static void the_oldest_gift_makes_place_and_thanks_to_others_push_nothing_out(void **state)
{
    (void)state;
    struct playback playback = {0};
    for (int64_t i = 1; i <= PLAYBACK_OWED_MAX; i++)
        playback_owe(&playback, i, ROSE, i, NOW_MS + i);
    for (int64_t i = 1000; i < 2000; i++)
        playback_owe(&playback, i, ROSE, 0, NOW_MS + i);
    assert_int_equal(playback_owed(&playback, 1, ROSE, NOW_MS), 1);
    playback_owe(&playback, 1000, ROSE, 9, NOW_MS + 1000);
    assert_int_equal(playback_owed(&playback, 1000, ROSE, NOW_MS + 1000), 9);
    assert_int_equal(playback_owed(&playback, 1, ROSE, NOW_MS + 1000), 0);
    assert_int_equal(playback_owed(&playback, 2, ROSE, NOW_MS + 1000), 2);
    playback_owe(&playback, 5, ROSE, 0, NOW_MS + 1001); /* its place is free now */
    playback_owe(&playback, 1001, ROSE, 9, NOW_MS + 1001);
    assert_int_equal(playback_owed(&playback, 2, ROSE, NOW_MS + 1001), 2);
}

/* Several such viewers would be thanked as one. */
static void gifts_of_viewers_without_an_id_are_not_added_up(void **state)
{
    (void)state;
    struct playback playback = {0};
    playback_owe(&playback, 0, ROSE, 3, NOW_MS);
    assert_int_equal(playback_owed(&playback, 0, ROSE, NOW_MS), 0);
    playback_owe(&playback, -1, -1, 3, NOW_MS);
    assert_int_equal(playback_owed(&playback, -1, -1, NOW_MS), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_takes_half_a_second_and_70_ms_a_character),
        cmocka_unit_test(texts_follow_one_another),
        cmocka_unit_test(asking_makes_nobody_busy),
        cmocka_unit_test(a_text_is_let_in_if_it_would_begin_soon_enough_for_what_it_is_worth),
        cmocka_unit_test(in_a_storm_the_less_valuable_goes_first_and_nothing_waits_for_longer),
        cmocka_unit_test(a_text_that_waits_is_not_let_in_again_until_it_is_being_said),
        cmocka_unit_test(no_text_that_waits_is_forgotten),
        cmocka_unit_test(gifts_without_thanks_are_kept_for_their_sender_and_kind),
        cmocka_unit_test(gifts_are_kept_for_five_minutes),
        cmocka_unit_test(gifts_that_were_thanked_for_are_owed_no_longer),
        cmocka_unit_test(the_oldest_gift_makes_place_and_thanks_to_others_push_nothing_out),
        cmocka_unit_test(gifts_of_viewers_without_an_id_are_not_added_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
