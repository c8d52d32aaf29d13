/* SPDX-License-Identifier: MIT */
#include "services/events/domain/gift_set.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define NOW_MS 1000
#define IMAGE "https://images.invalid/rose.png"
#define TAKEN_MAX 8

struct fixture {
    struct gift_set *set;
    struct arena *arena;
    struct gift taken[TAKEN_MAX];
};

static const struct live_gift rose = {
    .gift_id = 5655, .name = "Rose", .image = IMAGE, .has_price = true, .diamond_count = 1};

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.set = gift_set_new(), .arena = arena_new(1 << 20)};
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    gift_set_free(fixture->set);
    arena_free(fixture->arena);
    return 0;
}

static size_t take(struct fixture *fixture, int64_t now_ms)
{
    return gift_set_take(fixture->set, now_ms, fixture->arena, fixture->taken, TAKEN_MAX);
}

static void a_new_gift_is_handed_out_once_with_all_that_is_known(void **state)
{
    struct fixture *fixture = *state;
    assert_true(gift_set_add(fixture->set, &rose, NOW_MS));
    assert_int_equal(take(fixture, NOW_MS), 1);
    assert_int_equal(fixture->taken[0].id, 5655);
    assert_string_equal(fixture->taken[0].name, "Rose");
    assert_int_equal(fixture->taken[0].diamond_count, 1);
    assert_string_equal(fixture->taken[0].image, IMAGE);
    assert_int_equal(take(fixture, NOW_MS), 0);
}

static void what_is_written_already_is_known_and_not_handed_out(void **state)
{
    struct fixture *fixture = *state;
    char name[GIFT_NAME_MAX_BYTES + 1];
    int64_t diamond_count = -1;
    const struct gift lion = {.id = 6369, .name = "Lion", .diamond_count = 29999};
    assert_false(gift_set_describe(fixture->set, lion.id, name, &diamond_count));
    gift_set_know(fixture->set, &lion, NOW_MS);
    assert_int_equal(take(fixture, NOW_MS), 0);
    assert_true(gift_set_describe(fixture->set, lion.id, name, &diamond_count));
    assert_string_equal(name, "Lion");
    assert_int_equal(diamond_count, 29999);
}

static void what_was_seen_is_not_replaced_by_what_was_written_before(void **state)
{
    struct fixture *fixture = *state;
    char name[GIFT_NAME_MAX_BYTES + 1];
    int64_t diamond_count = -1;
    const struct gift old = {.id = 5655, .name = "Old rose", .diamond_count = 7};
    assert_true(gift_set_add(fixture->set, &rose, NOW_MS));
    gift_set_know(fixture->set, &old, NOW_MS);
    assert_true(gift_set_describe(fixture->set, 5655, name, &diamond_count));
    assert_string_equal(name, "Rose");
    assert_int_equal(diamond_count, 1);
}

static void what_is_known_is_handed_out_again_when_it_is_no_longer_fresh(void **state)
{
    struct fixture *fixture = *state;
    gift_set_add(fixture->set, &rose, 0);
    assert_int_equal(take(fixture, NOW_MS), 1);
    assert_false(gift_set_add(fixture->set, &rose, NOW_MS + GIFT_SET_FRESH_MS - 1));
    assert_true(gift_set_add(fixture->set, &rose, NOW_MS + GIFT_SET_FRESH_MS));
    assert_int_equal(take(fixture, NOW_MS + GIFT_SET_FRESH_MS), 1);
}

static void another_name_or_price_or_a_first_picture_is_handed_out_at_once(void **state)
{
    struct fixture *fixture = *state;
    struct live_gift gift = rose;
    gift.image = "";
    gift_set_add(fixture->set, &gift, NOW_MS);
    assert_int_equal(take(fixture, NOW_MS), 1);
    assert_null(fixture->taken[0].image);

    gift.name = "Red Rose";
    assert_true(gift_set_add(fixture->set, &gift, NOW_MS));
    assert_int_equal(take(fixture, NOW_MS), 1);
    assert_string_equal(fixture->taken[0].name, "Red Rose");

    gift.diamond_count = 2;
    assert_true(gift_set_add(fixture->set, &gift, NOW_MS));
    assert_int_equal(take(fixture, NOW_MS), 1);
    assert_int_equal(fixture->taken[0].diamond_count, 2);

    gift.image = IMAGE;
    assert_true(gift_set_add(fixture->set, &gift, NOW_MS));
    assert_int_equal(take(fixture, NOW_MS), 1);
    assert_string_equal(fixture->taken[0].image, IMAGE);
}

static void another_picture_alone_is_no_news(void **state)
{
    struct fixture *fixture = *state;
    struct live_gift gift = rose;
    gift_set_add(fixture->set, &gift, NOW_MS);
    assert_int_equal(take(fixture, NOW_MS), 1);
    gift.image = "https://images.invalid/rose.png?x-signature=other";
    assert_false(gift_set_add(fixture->set, &gift, NOW_MS));
    gift.image = "";
    assert_false(gift_set_add(fixture->set, &gift, NOW_MS));
}

static void what_changes_twice_before_it_is_taken_is_taken_once_as_it_is_then(void **state)
{
    struct fixture *fixture = *state;
    struct live_gift gift = rose;
    gift_set_add(fixture->set, &gift, NOW_MS);
    gift.diamond_count = 7;
    gift_set_add(fixture->set, &gift, NOW_MS);
    assert_int_equal(take(fixture, NOW_MS), 1);
    assert_int_equal(fixture->taken[0].diamond_count, 7);
}

static void what_waits_already_is_no_news(void **state)
{
    struct fixture *fixture = *state;
    assert_true(gift_set_add(fixture->set, &rose, NOW_MS));
    assert_false(gift_set_add(fixture->set, &rose, NOW_MS + GIFT_SET_FRESH_MS));
    assert_int_equal(take(fixture, NOW_MS), 1);
}

static void what_could_not_be_written_is_handed_out_again(void **state)
{
    struct fixture *fixture = *state;
    gift_set_add(fixture->set, &rose, NOW_MS);
    assert_int_equal(take(fixture, NOW_MS), 1);
    gift_set_give_back(fixture->set, fixture->taken, 1);
    gift_set_give_back(fixture->set, fixture->taken, 1);
    assert_int_equal(take(fixture, NOW_MS), 1);
    assert_string_equal(fixture->taken[0].name, "Rose");
    assert_int_equal(take(fixture, NOW_MS), 0);
}

static void
what_changed_while_it_was_being_written_in_vain_is_handed_out_as_it_is_then(void **state)
{
    struct fixture *fixture = *state;
    struct live_gift gift = rose;
    gift_set_add(fixture->set, &gift, NOW_MS);
    assert_int_equal(take(fixture, NOW_MS), 1);
    gift.diamond_count = 7;
    gift_set_add(fixture->set, &gift, NOW_MS);
    gift_set_give_back(fixture->set, fixture->taken, 1);
    assert_int_equal(take(fixture, NOW_MS), 1);
    assert_int_equal(fixture->taken[0].diamond_count, 7);
}

static void a_gift_without_a_good_description_tells_nothing(void **state)
{
    struct fixture *fixture = *state;
    char long_name[GIFT_NAME_MAX_BYTES + 2];
    memset(long_name, 'x', sizeof(long_name) - 1);
    long_name[sizeof(long_name) - 1] = '\0';
    struct live_gift gifts[] = {rose, rose, rose, rose, rose, rose};
    gifts[0].has_price = false;
    gifts[1].gift_id = 0;
    gifts[2].name = "";
    gifts[3].name = " \t";
    gifts[4].name = long_name;
    gifts[5].diamond_count = -1;
    for (size_t i = 0; i < ARRAY_LEN(gifts); i++)
        assert_false(gift_set_add(fixture->set, &gifts[i], NOW_MS));
    assert_int_equal(take(fixture, NOW_MS), 0);
}

static void a_picture_that_clients_could_not_use_is_none(void **state)
{
    struct fixture *fixture = *state;
    char long_url[GIFT_IMAGE_MAX_BYTES + 2];
    memset(long_url, 'x', sizeof(long_url) - 1);
    memcpy(long_url, "https://", strlen("https://"));
    long_url[sizeof(long_url) - 1] = '\0';
    const char *const urls[] = {
        "", "rose.png", "http://images.invalid/rose.png", "javascript:alert(1)", long_url, NULL};
    struct live_gift gift = rose;
    for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
        gift.gift_id++;
        gift.image = urls[i];
        assert_true(gift_set_add(fixture->set, &gift, NOW_MS));
        assert_int_equal(take(fixture, NOW_MS), 1);
        assert_null(fixture->taken[0].image);
    }
}

static void gifts_are_handed_out_in_portions(void **state)
{
    struct fixture *fixture = *state;
    struct live_gift gift = rose;
    for (int i = 0; i < 2 * TAKEN_MAX + 1; i++, gift.gift_id++)
        gift_set_add(fixture->set, &gift, NOW_MS);
    assert_int_equal(take(fixture, NOW_MS), TAKEN_MAX);
    assert_int_equal(take(fixture, NOW_MS), TAKEN_MAX);
    assert_int_equal(take(fixture, NOW_MS), 1);
}

static void past_the_bound_new_gifts_are_left_out_and_known_ones_are_not(void **state)
{
    struct fixture *fixture = *state;
    struct live_gift gift = rose;
    for (gift.gift_id = 1; gift.gift_id <= GIFT_SET_MAX; gift.gift_id++)
        assert_true(gift_set_add(fixture->set, &gift, NOW_MS));
    assert_false(gift_set_add(fixture->set, &gift, NOW_MS));
    gift.gift_id = 1;
    gift.diamond_count = 2;
    assert_true(gift_set_add(fixture->set, &gift, NOW_MS));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_new_gift_is_handed_out_once_with_all_that_is_known),
        TEST(what_is_written_already_is_known_and_not_handed_out),
        TEST(what_was_seen_is_not_replaced_by_what_was_written_before),
        TEST(what_is_known_is_handed_out_again_when_it_is_no_longer_fresh),
        TEST(another_name_or_price_or_a_first_picture_is_handed_out_at_once),
        TEST(another_picture_alone_is_no_news),
        TEST(what_changes_twice_before_it_is_taken_is_taken_once_as_it_is_then),
        TEST(what_waits_already_is_no_news),
        TEST(what_could_not_be_written_is_handed_out_again),
        TEST(what_changed_while_it_was_being_written_in_vain_is_handed_out_as_it_is_then),
        TEST(a_gift_without_a_good_description_tells_nothing),
        TEST(a_picture_that_clients_could_not_use_is_none),
        TEST(gifts_are_handed_out_in_portions),
        TEST(past_the_bound_new_gifts_are_left_out_and_known_ones_are_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
