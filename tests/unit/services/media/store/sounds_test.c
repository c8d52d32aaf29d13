/* SPDX-License-Identifier: MIT */
#include "services/media/store/sounds.h"

#include "services/media/store/sound_uses.h"
#include "tests/unit/services/media/store/fixture.h"

static unsigned free_number(struct call *call, const char *text, unsigned from)
{
    struct filename name;
    filename_clean(text, &name);
    unsigned number = 0;
    assert_int_equal(sounds_free_number(call, ANN, &name, from, &number), STATUS_OK);
    return number;
}

static void what_is_known_of_a_sound_is_kept(void **state)
{
    struct call *call = *state;
    const struct sound sound = {.filename = "a.mp3", .bytes = 5, .duration_ms = 7, .format = "mp3"};
    assert_int_equal(owners_lock(call, ANN, NULL), STATUS_OK);
    assert_int_equal(sounds_insert(call, ANN, &sound), STATUS_OK);
    assert_int_equal(fixture_sql("select count(*) from media.sounds where user_id = '" ANN "'"
                                 "  and filename = 'a.mp3' and bytes = 5 and duration_ms = 7"
                                 "  and format = 'mp3' and not is_levelled"),
                     1);
    assert_int_equal(sounds_insert(call, ANN, &sound), STATUS_CONFLICT);
}

static void totals_are_of_one_user(void **state)
{
    struct call *call = *state;
    fixture_add(call, ANN, "a.wav");
    fixture_add(call, ANN, "b.wav");
    fixture_add(call, BOB, "a.wav");
    struct sound_totals totals;
    assert_int_equal(sounds_total(call, ANN, &totals), STATUS_OK);
    assert_int_equal(totals.count, 2);
    assert_int_equal(totals.bytes, 2000);
    assert_int_equal(sounds_total(call, TRIGGER, &totals), STATUS_OK);
    assert_int_equal(totals.count, 0);
    assert_int_equal(totals.bytes, 0);
}

static void the_first_free_number_fills_gaps(void **state)
{
    struct call *call = *state;
    assert_int_equal(free_number(call, "a.wav", 1), 1);
    fixture_add(call, ANN, "a.wav");
    fixture_add(call, ANN, "a_2.wav");
    fixture_add(call, ANN, "a_4.wav");
    fixture_add(call, BOB, "a_3.wav");
    assert_int_equal(free_number(call, "a.wav", 1), 3);
    assert_int_equal(free_number(call, "a.wav", 4), 5);
    assert_int_equal(free_number(call, "A.wav", 1), 1);
    assert_int_equal(free_number(call, "NULL", 1), 1);
}

static void a_free_number_is_found_beyond_many(void **state)
{
    struct call *call = *state;
    fixture_add(call, ANN, "a.wav");
    fixture_sql("insert into media.sounds (user_id, filename, bytes, duration_ms, format, gain_db)"
                "  select '" ANN "', 'a_' || n || '.wav', 1, 1, 'wav', 0"
                "  from generate_series(2, 200) as n");
    assert_int_equal(free_number(call, "a.wav", 1), 201);
}

static void the_newest_sound_is_listed_first(void **state)
{
    struct call *call = *state;
    static const char *const names[] = {"b.wav", "c.wav", "a.wav"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        fixture_add(call, ANN, names[i]);
    fixture_add(call, BOB, "other.wav");
    struct list list;
    assert_int_equal(sounds_list(call, ANN, &list), STATUS_OK);
    assert_int_equal(list.count, 3);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        assert_string_equal(((const char *const *)list.items)[i], names[ARRAY_LEN(names) - 1 - i]);
    assert_int_equal(sounds_list(call, TRIGGER, &list), STATUS_OK);
    assert_int_equal(list.count, 0);
}

static void a_sound_that_a_trigger_plays_is_not_deleted(void **state)
{
    struct call *call = *state;
    fixture_add(call, ANN, "a.wav");
    fixture_add(call, BOB, "a.wav");
    assert_int_equal(sound_uses_set(call, ANN, TRIGGER, "a.wav"), STATUS_OK);
    assert_int_equal(sounds_delete(call, ANN, "a.wav"), STATUS_CONFLICT);
    assert_int_equal(sounds_delete(call, BOB, "a.wav"), STATUS_OK);
    assert_int_equal(sounds_delete(call, BOB, "a.wav"), STATUS_NOT_FOUND);
    assert_int_equal(sound_uses_clear(call, ANN, TRIGGER), STATUS_OK);
    assert_int_equal(sounds_delete(call, ANN, "a.wav"), STATUS_OK);
    assert_int_equal(fixture_sql("select count(*) from media.sounds"), 0);
}

static void names_without_a_sound_are_told_apart(void **state)
{
    struct call *call = *state;
    const struct filename names[] = {{"a.wav"}, {"b.wav"}, {"NULL"}};
    fixture_add(call, ANN, "a.wav");
    fixture_add(call, BOB, "b.wav");
    struct list unknown;
    assert_int_equal(sounds_unknown(call, ANN, names, ARRAY_LEN(names), &unknown), STATUS_OK);
    assert_int_equal(unknown.count, 2);
    assert_string_equal(((const char *const *)unknown.items)[0], "b.wav");
    assert_string_equal(((const char *const *)unknown.items)[1], "NULL");
    fixture_add(call, ANN, "b.wav");
    fixture_add(call, ANN, "NULL");
    assert_int_equal(sounds_unknown(call, ANN, names, ARRAY_LEN(names), &unknown), STATUS_OK);
    assert_int_equal(unknown.count, 0);
}

static void a_walk_meets_every_sound_once(void **state)
{
    struct call *call = *state;
    fixture_add(call, BOB, "a.wav");
    fixture_add(call, ANN, "b.wav");
    fixture_add(call, ANN, "B.wav");
    fixture_add(call, ANN, "a.wav");
    static const char *const expected[] = {ANN "B.wav", ANN "a.wav", ANN "b.wav", BOB "a.wav"};
    struct sound_key key = {.user_id = ""};
    struct list page;
    for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
        assert_int_equal(sounds_after(call, &key, 1, &page), STATUS_OK);
        assert_int_equal(page.count, 1);
        key = *(const struct sound_key *)page.items;
        assert_string_equal(arena_printf(call->arena, "%s%s", key.user_id, key.filename.text),
                            expected[i]);
    }
    assert_int_equal(sounds_after(call, &key, 1, &page), STATUS_OK);
    assert_int_equal(page.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(what_is_known_of_a_sound_is_kept),
        FIXTURE_TEST(totals_are_of_one_user),
        FIXTURE_TEST(the_first_free_number_fills_gaps),
        FIXTURE_TEST(a_free_number_is_found_beyond_many),
        FIXTURE_TEST(the_newest_sound_is_listed_first),
        FIXTURE_TEST(a_sound_that_a_trigger_plays_is_not_deleted),
        FIXTURE_TEST(names_without_a_sound_are_told_apart),
        FIXTURE_TEST(a_walk_meets_every_sound_once),
    };
    return cmocka_run_group_tests(tests, fixture_make_schema, NULL);
}
