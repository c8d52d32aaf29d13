/* SPDX-License-Identifier: MIT */
#include "services/media/speech/path.h"

#include "lib/base/macros.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define USER "11111111-2222-4333-8444-555555555555"
#define ID "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"

static void paths_are_made_of_uuids_in_lower_case(void **state)
{
    (void)state;
    struct speech_path path;
    assert_true(speech_path_make(USER, "AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEEEEEE", &path));
    assert_string_equal(path.text, "tts/" USER "/" ID ".mp3");
    assert_true(speech_path_is(path.text));
    assert_true(speech_path_make(NULL, ID, &path));
    assert_string_equal(path.text, "tts/" ID ".mp3");
    assert_true(speech_path_is(path.text));
}

static void other_ids_make_no_path(void **state)
{
    (void)state;
    struct speech_path path;
    assert_false(speech_path_make(NULL, "", &path));
    assert_false(speech_path_make(NULL, "../../etc/passwd", &path));
    assert_false(speech_path_make(USER, ID "x", &path));
    assert_false(speech_path_make("", ID, &path));
    assert_false(speech_path_make("..", ID, &path));
}

static void other_texts_are_no_path(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "tts/",
        "tts/.mp3",
        "tts/" ID,
        "tts/" ID ".mp3.mp3",
        "tts/" ID ".wav",
        "tts//" ID ".mp3",
        "tts/" USER "/",
        "tts/" USER "/" ID,
        "tts/" USER "/" USER "/" ID ".mp3",
        "tts/AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEEEEEE.mp3",
        "sounds/" USER "/" ID ".mp3",
        "/tts/" ID ".mp3",
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        assert_false(speech_path_is(texts[i]));
}

static void a_users_folder_holds_that_users_paths(void **state)
{
    (void)state;
    struct speech_folder folder;
    assert_true(speech_folder_make("AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEEEEEE", &folder));
    assert_string_equal(folder.text, "tts/" ID);
    assert_true(speech_folder_holds(&folder, "tts/" ID "/" USER ".mp3"));
    assert_false(speech_folder_holds(&folder, "tts/" ID ".mp3"));
    assert_false(speech_folder_holds(&folder, "tts/" USER "/" ID ".mp3"));
    assert_false(speech_folder_holds(&folder, "tts/"));
    assert_false(speech_folder_make("", &folder));
    assert_false(speech_folder_make("..", &folder));
}

/* 017f22e2-79b0 is RFC 9562's example: 2022-02-22, 19:22:22 UTC. */
#define TIMED "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
#define TIME_MS INT64_C(1645557742000)

static void a_timed_id_tells_when_its_speech_was_asked_for(void **state)
{
    (void)state;
    static const char *const paths[] = {"tts/" USER "/" TIMED ".mp3", "tts/" TIMED ".mp3",
                                        TIMED ".mp3"};
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        int64_t time_ms = 0;
        assert_true(speech_path_time_ms(paths[i], TIME_MS + 1, &time_ms));
        assert_int_equal(time_ms, TIME_MS);
    }
}

static void a_time_far_ahead_is_not_believed(void **state)
{
    (void)state;
    int64_t time_ms = 5;
    assert_false(speech_path_time_ms(TIMED ".mp3", TIME_MS - 60001, &time_ms));
    assert_int_equal(time_ms, 5);
    assert_true(speech_path_time_ms(TIMED ".mp3", TIME_MS - 60000, &time_ms));
}

static void other_paths_tell_no_time(void **state)
{
    (void)state;
    static const char *const paths[] = {"tts/" ID ".mp3",        "tts/" TIMED, "tts/" TIMED ".mp3/",
                                        "tts/" TIMED ".mp3.mp3", "x",          ""};
    int64_t time_ms;
    for (size_t i = 0; i < ARRAY_LEN(paths); i++)
        assert_false(speech_path_time_ms(paths[i], TIME_MS, &time_ms));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_made_of_uuids_in_lower_case),
        cmocka_unit_test(other_ids_make_no_path),
        cmocka_unit_test(other_texts_are_no_path),
        cmocka_unit_test(a_users_folder_holds_that_users_paths),
        cmocka_unit_test(a_timed_id_tells_when_its_speech_was_asked_for),
        cmocka_unit_test(a_time_far_ahead_is_not_believed),
        cmocka_unit_test(other_paths_tell_no_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
