/* SPDX-License-Identifier: MIT */
#include "services/media/store/levels.h"

#include "tests/unit/services/media/store/fixture.h"

#define LOUD "loudness_lufs = -20.5 and peak_dbtp = -1.25 and gain_db = 4.5"

static const struct levelled result = {
    .bytes = 700,
    .format = "mp3",
    .loudness_lufs = -20.5,
    .peak_dbtp = -1.25,
    .gain_db = 4.5,
};

static struct unlevelled find(struct call *call)
{
    struct unlevelled sound;
    assert_int_equal(levels_find(call, NULL, &sound), STATUS_OK);
    return sound;
}

static void the_sound_that_waits_longest_is_next(void **state)
{
    struct call *call = *state;
    static const char *const names[] = {"b.wav", "c.wav", "a.wav"};
    struct unlevelled sound;
    assert_int_equal(levels_find(call, NULL, &sound), STATUS_NOT_FOUND);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        fixture_add(call, i == 1 ? BOB : ANN, names[i]);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        sound = find(call);
        assert_string_equal(sound.user_id, i == 1 ? BOB : ANN);
        assert_string_equal(sound.filename, names[i]);
        assert_int_equal(sound.bytes, 1000);
        assert_int_equal(levels_write(call, &sound, &result), STATUS_OK);
    }
    assert_int_equal(levels_find(call, NULL, &sound), STATUS_NOT_FOUND);
}

static void what_failed_can_be_passed_over(void **state)
{
    struct call *call = *state;
    struct unlevelled sound;
    fixture_add(call, ANN, "a.wav");
    fixture_add(call, ANN, "b.wav");
    assert_int_equal(levels_find(call, NULL, &sound), STATUS_OK);
    assert_string_equal(sound.filename, "a.wav");
    assert_int_equal(levels_find(call, sound.created_at, &sound), STATUS_OK);
    assert_string_equal(sound.filename, "b.wav");
    assert_int_equal(levels_find(call, sound.created_at, &sound), STATUS_NOT_FOUND);
}

static void what_was_measured_is_kept(void **state)
{
    struct call *call = *state;
    fixture_add(call, ANN, "a.wav");
    fixture_add(call, BOB, "a.wav");
    struct unlevelled sound = find(call);
    assert_int_equal(levels_write(call, &sound, &result), STATUS_OK);
    assert_int_equal(fixture_sql("select count(*) from media.sounds where " LOUD
                                 "  and user_id = '" ANN "' and is_levelled and bytes = 700"
                                 "  and format = 'mp3'"),
                     1);
    assert_int_equal(fixture_sql("select count(*) from media.sounds where not is_levelled"), 1);
}

static void silence_has_no_loudness_and_its_own_format(void **state)
{
    struct call *call = *state;
    fixture_add(call, ANN, "a.wav");
    struct unlevelled sound = find(call);
    const struct levelled silence = {.bytes = 1000, .is_silent = true};
    assert_int_equal(levels_write(call, &sound, &silence), STATUS_OK);
    assert_int_equal(fixture_sql("select count(*) from media.sounds where loudness_lufs is null"
                                 "  and peak_dbtp is null and gain_db = 0 and format = 'wav'"
                                 "  and is_levelled"),
                     1);
}

/* Another replica was quicker, or its user deleted the sound and uploaded another by that name. */
static void only_the_sound_that_was_found_is_written(void **state)
{
    struct call *call = *state;
    fixture_add(call, ANN, "a.wav");
    struct unlevelled sound = find(call);
    assert_int_equal(levels_check(call, &sound), STATUS_OK);
    assert_int_equal(sounds_delete(call, ANN, "a.wav"), STATUS_OK);
    assert_int_equal(levels_check(call, &sound), STATUS_NOT_FOUND);
    fixture_add(call, ANN, "a.wav");
    assert_int_equal(levels_check(call, &sound), STATUS_NOT_FOUND);
    assert_int_equal(levels_write(call, &sound, &result), STATUS_OK);
    assert_int_equal(fixture_sql("select count(*) from media.sounds where is_levelled"), 0);

    sound = find(call);
    assert_int_equal(levels_write(call, &sound, &result), STATUS_OK);
    assert_int_equal(levels_check(call, &sound), STATUS_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(the_sound_that_waits_longest_is_next),
        FIXTURE_TEST(what_failed_can_be_passed_over),
        FIXTURE_TEST(what_was_measured_is_kept),
        FIXTURE_TEST(silence_has_no_loudness_and_its_own_format),
        FIXTURE_TEST(only_the_sound_that_was_found_is_written),
    };
    return cmocka_run_group_tests(tests, fixture_make_schema, NULL);
}
