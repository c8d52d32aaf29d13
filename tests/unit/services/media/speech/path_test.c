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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_made_of_uuids_in_lower_case),
        cmocka_unit_test(other_ids_make_no_path),
        cmocka_unit_test(other_texts_are_no_path),
        cmocka_unit_test(a_users_folder_holds_that_users_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
