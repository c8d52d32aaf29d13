/* SPDX-License-Identifier: MIT */
#include "services/events/store/gifts.h"

#include "lib/base/text.h"
#include "tests/unit/services/events/store/tables.h"

#define IMAGE "https://images.invalid/a.png"

struct fixture {
    struct pg_options database;
    struct pg *db;
    struct arena *arena;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.database = {.url = DATABASE_URL}, .arena = arena_new(1 << 24)};
    fixture.db = pg_new(&fixture.database);
    *state = &fixture;
    return 0;
}

/* With nothing in the tables. */
static int set_up_empty(void **state)
{
    tables_execute("delete from events.gifts; delete from events.gift_list");
    return set_up(state);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    pg_free(fixture->db);
    arena_free(fixture->arena);
    return 0;
}

static void upsert(struct fixture *fixture, const struct gift *gifts, size_t count)
{
    if (gifts_upsert(fixture->db, gifts, count) != STATUS_OK)
        fail_msg("%s", pg_error(fixture->db));
}

static struct gift find(struct fixture *fixture, int64_t id)
{
    struct gift gift;
    assert_int_equal(gifts_find(fixture->db, fixture->arena, id, &gift), STATUS_OK);
    return gift;
}

static void a_fresh_catalogue_has_well_known_gifts(void **state)
{
    struct fixture *fixture = *state;
    const struct gift rose = find(fixture, 5655);
    assert_string_equal(rose.name, "Rose");
    assert_int_equal(rose.diamond_count, 1);
    assert_null(rose.image);
    assert_true(tables_execute("select count(*) from events.gifts") > 50);
    assert_int_equal(tables_execute("select count(*) from events.gifts where seen_at is not null"),
                     0);
}

static void what_was_written_is_found(void **state)
{
    struct fixture *fixture = *state;
    const struct gift gifts[] = {{2, "It's \"corn\" \\ 🌽", 7, IMAGE},
                                 {1, "Роза", 0, NULL},
                                 {INT64_MAX, "x", INT32_MAX, NULL}};
    upsert(fixture, gifts, ARRAY_LEN(gifts));
    for (size_t i = 0; i < ARRAY_LEN(gifts); i++) {
        const struct gift found = find(fixture, gifts[i].id);
        assert_true(found.id == gifts[i].id);
        assert_string_equal(found.name, gifts[i].name);
        assert_int_equal(found.diamond_count, gifts[i].diamond_count);
        assert_true(text_equal(found.image, gifts[i].image));
    }
}

static void an_unknown_gift_is_not_found(void **state)
{
    struct fixture *fixture = *state;
    struct gift gift;
    assert_int_equal(gifts_find(fixture->db, fixture->arena, 1, &gift), STATUS_NOT_FOUND);
}

static void nothing_to_write_writes_nothing(void **state)
{
    struct fixture *fixture = *state;
    upsert(fixture, NULL, 0);
    assert_int_equal(tables_execute("select count(*) from events.gifts"), 0);
}

static void
a_gift_that_is_seen_again_takes_what_changed_and_keeps_when_it_was_first_seen(void **state)
{
    struct fixture *fixture = *state;
    const struct gift first = {1, "Rose", 1, IMAGE}, then = {1, "Red Rose", 2, IMAGE "?other"};
    upsert(fixture, &first, 1);
    tables_execute("update events.gifts set first_seen_at = '2020-01-01', seen_at = '2020-01-01'");
    upsert(fixture, &then, 1);
    const struct gift found = find(fixture, 1);
    assert_string_equal(found.name, "Red Rose");
    assert_int_equal(found.diamond_count, 2);
    assert_string_equal(found.image, IMAGE "?other");
    assert_int_equal(
        tables_execute("select count(*) from events.gifts where first_seen_at = '2020-01-01'"
                       "  and seen_at > now() - interval '1 minute'"),
        1);
}

static void a_gift_that_comes_without_a_picture_keeps_the_one_it_has_and_its_age(void **state)
{
    struct fixture *fixture = *state;
    const struct gift first = {1, "Rose", 1, IMAGE}, then = {1, "Rose", 1, NULL};
    upsert(fixture, &first, 1);
    tables_execute("update events.gifts set image_seen_at = now() - interval '23 h 59 min'");
    upsert(fixture, &then, 1);
    assert_string_equal(find(fixture, 1).image, IMAGE);
    assert_int_equal(tables_execute("select count(*) from events.gifts"
                                    "  where image_seen_at < now() - interval '23 h'"),
                     1);
}

static void a_picture_is_left_out_when_it_is_a_day_old(void **state)
{
    struct fixture *fixture = *state;
    const struct gift rose = {1, "Rose", 1, IMAGE};
    upsert(fixture, &rose, 1);
    tables_execute("update events.gifts set image_seen_at = now() - interval '24 h'");
    assert_null(find(fixture, 1).image);
    upsert(fixture, &rose, 1);
    assert_string_equal(find(fixture, 1).image, IMAGE);
}

static void a_gift_known_from_the_start_is_first_seen_when_it_is_seen(void **state)
{
    struct fixture *fixture = *state;
    tables_execute("insert into events.gifts (gift_id, name, diamond_count) values (1, 'Rose', 1)");
    const struct gift rose = {1, "Rose", 1, NULL};
    upsert(fixture, &rose, 1);
    assert_int_equal(
        tables_execute("select count(*) from events.gifts where first_seen_at is not null"), 1);
}

static void names_that_are_no_utf8_are_mended(void **state)
{
    struct fixture *fixture = *state;
    const struct gift odd = {1, "Ro\xffse", 1, NULL};
    upsert(fixture, &odd, 1);
    assert_string_equal(find(fixture, 1).name, "Ro\uFFFDse");
}

static const struct gift unsorted[] = {
    {5, "Zebra", 1, NULL},  {3, "apple", 1, NULL},  {4, "Apple", 1, NULL},
    {1, "Lion", 500, NULL}, {2, "Crane", 99, NULL}, {6, "apple", 5, NULL},
};

static void the_list_goes_by_price_then_name_then_id(void **state)
{
    static const int64_t expected[] = {3, 4, 5, 6, 2, 1};
    struct fixture *fixture = *state;
    upsert(fixture, unsorted, ARRAY_LEN(unsorted));
    struct gift *gifts = NULL;
    size_t count = 0;
    assert_int_equal(gifts_list(fixture->db, fixture->arena, &gifts, &count), STATUS_OK);
    assert_int_equal(count, ARRAY_LEN(expected));
    for (size_t i = 0; i < count; i++)
        assert_int_equal(gifts[i].id, expected[i]);
}

static void the_names_go_alike_each_once(void **state)
{
    static const char *const expected[] = {"Apple", "apple", "Zebra", "Crane", "Lion"};
    struct fixture *fixture = *state;
    upsert(fixture, unsorted, ARRAY_LEN(unsorted));
    struct list names;
    assert_int_equal(gifts_list_names(fixture->db, fixture->arena, &names), STATUS_OK);
    assert_int_equal(names.count, ARRAY_LEN(expected));
    for (size_t i = 0; i < names.count; i++)
        assert_string_equal(((const char *const *)names.items)[i], expected[i]);
}

static void the_list_and_the_names_are_bounded(void **state)
{
    struct fixture *fixture = *state;
    tables_execute("insert into events.gifts (gift_id, name, diamond_count)"
                   "  select n, 'gift ' || n, n from generate_series(1, 5001) as n");
    struct gift *gifts = NULL;
    size_t count = 0;
    assert_int_equal(gifts_list(fixture->db, fixture->arena, &gifts, &count), STATUS_OK);
    assert_int_equal(count, GIFTS_MAX);
    struct list names;
    assert_int_equal(gifts_list_names(fixture->db, fixture->arena, &names), STATUS_OK);
    assert_int_equal(names.count, GIFTS_MAX);
}

static void the_list_is_asked_for_once_in_a_while(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(gift_list_claim(fixture->db, 3600), STATUS_OK);
    assert_int_equal(gift_list_claim(fixture->db, 3600), STATUS_NOT_FOUND);
    tables_execute("update events.gift_list set asked_at = now() - interval '3601 s'");
    assert_int_equal(gift_list_claim(fixture->db, 3600), STATUS_OK);
    assert_int_equal(gift_list_claim(fixture->db, 3600), STATUS_NOT_FOUND);
    assert_int_equal(tables_execute("select count(*) from events.gift_list"), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_empty, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_fresh_catalogue_has_well_known_gifts, set_up, tear_down),
        TEST(what_was_written_is_found),
        TEST(an_unknown_gift_is_not_found),
        TEST(nothing_to_write_writes_nothing),
        TEST(a_gift_that_is_seen_again_takes_what_changed_and_keeps_when_it_was_first_seen),
        TEST(a_gift_that_comes_without_a_picture_keeps_the_one_it_has_and_its_age),
        TEST(a_picture_is_left_out_when_it_is_a_day_old),
        TEST(a_gift_known_from_the_start_is_first_seen_when_it_is_seen),
        TEST(names_that_are_no_utf8_are_mended),
        TEST(the_list_goes_by_price_then_name_then_id),
        TEST(the_names_go_alike_each_once),
        TEST(the_list_and_the_names_are_bounded),
        TEST(the_list_is_asked_for_once_in_a_while),
    };
    return cmocka_run_group_tests(tests, tables_make, NULL);
}
