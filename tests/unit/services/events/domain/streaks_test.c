/* SPDX-License-Identifier: MIT */
#include "services/events/domain/streaks.h"

#include "lib/base/buffer.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

AUTO_DEFINE(json_t *, json_decref)

struct fixture {
    struct streaks *streaks;
    struct streak_step last;
    int steps;
    int finals;
    int64_t added;
    int64_t final_diamonds;
    char nickname[32]; /* of the last step's user */
    char image[64];    /* of the last step's gift */
};

static void note_step(void *closure, const struct streak_step *step)
{
    struct fixture *f = closure;
    f->last = *step;
    f->steps++;
    f->added += step->added;
    snprintf(f->nickname, sizeof(f->nickname), "%s", step->gift->user.nickname);
    snprintf(f->image, sizeof(f->image), "%s", step->gift->gift.image);
    if (step->final) {
        f->finals++;
        f->final_diamonds += step->diamonds;
    }
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    if (!f)
        abort();
    f->streaks = streaks_new(note_step, f);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    streaks_free(f->streaks);
    free(f);
    return 0;
}

static struct live_event gift_event(int64_t user_id, int64_t group_id, int32_t count, int32_t end)
{
    return (struct live_event){
        .type = LIVE_GIFT,
        .display_key = "",
        .user = {.id = user_id,
                 .nickname = "Masha",
                 .display_id = "masha",
                 .sec_uid = "",
                 .avatar = ""},
        .gift = {.gift_id = 5655,
                 .name = "Rose",
                 .image = "https://images.invalid/rose.png",
                 .has_price = true,
                 .diamond_count = 1,
                 .repeat_count = count,
                 .group_count = 1,
                 .repeat_end = end,
                 .group_id = group_id,
                 .streakable = group_id != 0,
                 .final = group_id == 0 || end == 1},
    };
}

static void add(struct fixture *f, int64_t group_id, int32_t count, int32_t end, int64_t now_ms)
{
    const struct live_event gift = gift_event(1, group_id, count, end);
    streaks_add(f->streaks, &gift, now_ms);
}

static void one_rose_counts_once_though_it_comes_twice(void **state)
{
    struct fixture *f = *state;
    add(f, 9, 1, 0, 0);
    assert_false(f->last.final);
    add(f, 9, 1, 1, 3000);
    assert_true(f->last.final);
    assert_int_equal(f->added, 1);
    assert_int_equal(f->last.count, 1);
    assert_int_equal(f->finals, 1);
}

static void counts_that_overtake_one_another_add_up(void **state)
{
    static const int32_t counts[] = {13, 15, 14, 17, 16};
    struct fixture *f = *state;
    for (size_t i = 0; i < ARRAY_LEN(counts); i++)
        add(f, 9, counts[i], 0, 0);
    assert_int_equal(f->added, 17);
    assert_int_equal(f->steps, 3);
    add(f, 9, 17, 1, 0);
    assert_int_equal(f->last.count, 17);
}

static void a_streak_without_an_end_ends_by_itself(void **state)
{
    struct fixture *f = *state;
    add(f, 9, 4, 0, 1000);
    assert_int_equal(streaks_flush(f->streaks, 1000), STREAKS_IDLE_MS);
    assert_int_equal(streaks_flush(f->streaks, 1000 + STREAKS_IDLE_MS - 1), 1);
    assert_int_equal(f->finals, 0);
    streaks_flush(f->streaks, 1000 + STREAKS_IDLE_MS);
    assert_int_equal(f->finals, 1);
    assert_int_equal(f->last.count, 4);
    assert_int_equal(f->last.added, 0);
    assert_string_equal(f->nickname, "Masha");
    assert_string_equal(f->image, "");
}

static void a_late_message_of_an_ended_streak_counts_for_nothing(void **state)
{
    struct fixture *f = *state;
    add(f, 9, 2, 1, 0);
    add(f, 9, 3, 0, STREAKS_KEPT_MS - 1);
    assert_int_equal(f->steps, 1);
}

static void an_ended_streak_is_forgotten_in_the_end(void **state)
{
    struct fixture *f = *state;
    add(f, 9, 2, 1, 0);
    assert_int_equal(streaks_flush(f->streaks, 0), STREAKS_KEPT_MS);
    assert_int_equal(streaks_flush(f->streaks, STREAKS_KEPT_MS), -1);
}

static void a_gift_that_cannot_streak_is_final_at_once(void **state)
{
    struct fixture *f = *state;
    add(f, 0, 1, 0, 0);
    add(f, 0, 1, 0, 0);
    assert_int_equal(f->finals, 2);
    assert_int_equal(f->added, 2);
}

static void streaks_of_two_senders_are_two(void **state)
{
    struct fixture *f = *state;
    const struct live_event first = gift_event(1, 9, 3, 0), second = gift_event(2, 9, 3, 0);
    streaks_add(f->streaks, &first, 0);
    streaks_add(f->streaks, &second, 0);
    assert_int_equal(f->added, 6);
}

static void a_streak_whose_gift_is_not_described_still_streaks(void **state)
{
    struct fixture *f = *state;
    struct live_event gift = gift_event(1, 9, 2, 0);
    gift.gift.streakable = false;
    gift.gift.has_price = false;
    streaks_add(f->streaks, &gift, 0);
    streaks_add(f->streaks, &gift, 0);
    assert_int_equal(f->added, 2);
    assert_int_equal(f->finals, 0);
}

static void the_end_of_the_stream_ends_all(void **state)
{
    struct fixture *f = *state;
    add(f, 8, 3, 0, 0);
    add(f, 9, 2, 0, 0);
    streaks_end(f->streaks, 0);
    streaks_end(f->streaks, 0);
    assert_int_equal(f->finals, 2);
    assert_int_equal(f->final_diamonds, 5);
}

static void past_the_limit_the_oldest_streak_ends_early(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i <= STREAKS_MAX; i++)
        add(f, 100 + i, 1, 0, i);
    assert_int_equal(f->finals, 1);
    assert_int_equal(f->added, STREAKS_MAX + 1);
    add(f, 101, 2, 0, STREAKS_MAX + 1); /* the second oldest is still there */
    assert_int_equal(f->last.added, 1);
}

/* ---- recorded totals ---- */

/* The streak's messages: [gift_id, repeat_count, final, diamonds so far]. */
static void play_group(const char *group, const json_t *messages)
{
    struct fixture f = {0};
    f.streaks = streaks_new(note_step, &f);
    int64_t group_id = strtoll(group, NULL, 10), diamonds = 0;
    size_t i;
    const json_t *m;
    json_array_foreach(messages, i, m)
    {
        int64_t count = json_integer_value(json_array_get(m, 1));
        int64_t so_far = json_integer_value(json_array_get(m, 3));
        bool final = json_integer_value(json_array_get(m, 2)) != 0;
        struct live_event gift = gift_event(1, group_id, (int32_t)count, final);
        gift.gift.gift_id = json_integer_value(json_array_get(m, 0));
        gift.gift.diamond_count = (int32_t)(so_far / count);
        streaks_add(f.streaks, &gift, 0);
        if (final)
            diamonds += so_far;
        assert_int_equal(f.last.final, final);
    }
    assert_int_equal(f.final_diamonds, diamonds);
    streaks_free(f.streaks);
}

static void recorded_streaks_end_with_the_recorded_diamonds(void **state)
{
    (void)state;
    const char *shared = getenv("TTB_SHARED");
    AUTO_BUFFER(path, 4096);
    buffer_printf(&path, "%s/webcast/stats/gift-streaks.json", shared ? shared : "../shared");
    AUTO(json_decref) json_t *stats = json_load_file(buffer_text(&path), 0, NULL);
    if (!stats)
        skip();
    const char *name, *group;
    json_t *capture, *messages;
    int played = 0;
    json_object_foreach(json_object_get(stats, "captures"), name, capture)
    {
        json_object_foreach(json_object_get(capture, "groups"), group, messages)
        {
            play_group(group, messages);
            played++;
        }
    }
    assert_true(played > 10);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(one_rose_counts_once_though_it_comes_twice),
        TEST(counts_that_overtake_one_another_add_up),
        TEST(a_streak_without_an_end_ends_by_itself),
        TEST(a_late_message_of_an_ended_streak_counts_for_nothing),
        TEST(an_ended_streak_is_forgotten_in_the_end),
        TEST(a_gift_that_cannot_streak_is_final_at_once),
        TEST(streaks_of_two_senders_are_two),
        TEST(a_streak_whose_gift_is_not_described_still_streaks),
        TEST(the_end_of_the_stream_ends_all),
        TEST(past_the_limit_the_oldest_streak_ends_early),
        cmocka_unit_test(recorded_streaks_end_with_the_recorded_diamonds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
