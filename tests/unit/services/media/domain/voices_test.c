/* SPDX-License-Identifier: MIT */
#include "services/media/domain/voices.h"

#include "lib/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void ids_of_the_old_backend_keep_their_language_and_sex(void **state)
{
    (void)state;
    static const struct {
        const char *id;
        const char *espeak_language;
        enum voice_sex sex;
    } legacy[] = {
        {"gtts-ru", "ru+", VOICE_FEMALE},
        {"gtts-ru-slow", "ru+", VOICE_FEMALE},
        {"gtts-en", "en-us+", VOICE_FEMALE},
        {"ru-RU-SvetlanaNeural", "ru+", VOICE_FEMALE},
        {"ru-RU-DariyaNeural", "ru+", VOICE_FEMALE},
        {"ru-RU-DmitryNeural", "ru+", VOICE_MALE},
        {"en-US-JennyNeural", "en-us+", VOICE_FEMALE},
    };
    for (size_t i = 0; i < ARRAY_LEN(legacy); i++) {
        const struct voice *voice = voices_find(legacy[i].id);
        assert_non_null(voice);
        assert_true(text_starts_with(voice->espeak, legacy[i].espeak_language));
        assert_int_equal(voice->sex, legacy[i].sex);
    }
    assert_true(voices_find("gtts-ru-slow")->speed_wpm < voices_find("gtts-ru")->speed_wpm);
}

static void ids_are_unique(void **state)
{
    (void)state;
    size_t count;
    const struct voice *voices = voices_list(&count);
    assert_true(count > 50);
    for (size_t i = 0; i < count; i++)
        assert_ptr_equal(voices_find(voices[i].id), &voices[i]);
}

static void an_unknown_voice_falls_back_to_the_default_of_its_language(void **state)
{
    (void)state;
    static const struct {
        const char *id;
        const char *used;
    } cases[] = {
        {"ru-RU-NobodyNeural", "ru-RU-SvetlanaNeural"},
        {"en-GB-RyanNeural", "en-US-JennyNeural"},
        {"de-DE-KatjaNeural", "local-de-f"},
        {"gtts-fr", "local-fr-f"},
        {"pt_BR", "local-pt-f"},
        {"ZH-CN-XiaoxiaoNeural", "local-zh-f"},
        {"alloy", "ru-RU-SvetlanaNeural"},
        {"onyx", "ru-RU-DmitryNeural"},
        {"Shimmer", "ru-RU-SvetlanaNeural"},
        {"http:unknown-de", "ru-RU-SvetlanaNeural"},
        {"---", "ru-RU-SvetlanaNeural"},
        {"", "ru-RU-SvetlanaNeural"},
        {NULL, "ru-RU-SvetlanaNeural"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(voices_get(cases[i].id)->id, cases[i].used);
    assert_null(voices_find("ru-RU-NobodyNeural"));
}

static void the_language_follows_the_script_that_the_voice_cannot_read(void **state)
{
    (void)state;
    static const struct {
        const char *id;
        const char *text;
        const char *used;
    } cases[] = {
        {"ru-RU-SvetlanaNeural", "Привет", "ru-RU-SvetlanaNeural"},
        {"ru-RU-DmitryNeural", "Привет, this is mostly English", "local-en-m"},
        {"ru-RU-DmitryNeural", "Спасибо xXSuperGamerXx за", "ru-RU-DmitryNeural"},
        {"gtts-ru", "hello", "en-US-JennyNeural"},
        {"en-US-JennyNeural", "hello", "en-US-JennyNeural"},
        {"en-US-JennyNeural", "Привет, друзья", "ru-RU-SvetlanaNeural"},
        {"local-en-m", "Привет, друзья", "ru-RU-DmitryNeural"},
        {"en-US-JennyNeural", "Viktor из Москвы", "en-US-JennyNeural"},
        {"en-US-JennyNeural", "Vi из Москвы", "ru-RU-SvetlanaNeural"},
        {"local-uk-m", "Привіт", "local-uk-m"},
        {"gtts-ru", "مرحبا", "local-ar-f"},
        {"local-fa-m", "سلام", "local-fa-m"},
        {"ru-RU-DmitryNeural", "你好世界", "local-zh-m"},
        {"gtts-ru", "こんにちは", "local-ja-f"},
        {"gtts-ru", "안녕하세요", "local-ko-f"},
        {"gtts-ru", "γειά σου", "local-el-f"},
        {"gtts-ru", "नमस्ते", "local-hi-f"},
        {"gtts-ru", "Привет всем из γειά", "gtts-ru"},
        {"local-ja-m", "hello", "local-en-m"},
        {"gtts-en", "123 !!!", "gtts-en"},
        {"gtts-en", "", "gtts-en"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct voice *voice = voices_find(cases[i].id);
        assert_non_null(voice);
        assert_string_equal(voices_for_text(voice, cases[i].text)->id, cases[i].used);
    }
}

/* Leaves no remote voices to the next test. */
static int forget_remote_voices(void **state)
{
    (void)state;
    AUTO_BUFFER(problems, 4096);
    return voices_configure("", &problems) != STATUS_OK;
}

static void another_servers_voices_are_offered_after_the_local_ones(void **state)
{
    (void)state;
    size_t local_count;
    voices_list(&local_count);
    AUTO_BUFFER(problems, 4096);
    assert_int_equal(voices_configure("onyx, anna=ru, jo=xx-YY", &problems), STATUS_OK);
    size_t count;
    const struct voice *voices = voices_list(&count);
    assert_int_equal(count, local_count + 3);
    static const struct {
        const char *id, *name, *lang;
        enum voice_sex sex;
    } expected[] = {
        {"http:onyx", "onyx", NULL, VOICE_MALE},
        {"http:anna", "anna", "ru", VOICE_SEX_UNKNOWN},
        {"http:jo", "jo", "xx-YY", VOICE_SEX_UNKNOWN},
    };
    for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
        const struct voice *voice = &voices[local_count + i];
        assert_string_equal(voice->id, expected[i].id);
        assert_string_equal(voice->name, expected[i].name);
        assert_string_equal(voice->remote, expected[i].name);
        assert_true(text_equal(voice->lang, expected[i].lang));
        assert_int_equal(voice->sex, expected[i].sex);
        assert_string_equal(voice->engine, "http");
        assert_true(voice_is_remote(voice));
        assert_ptr_equal(voices_find(expected[i].id), voice);
        assert_ptr_equal(voices_get(expected[i].id), voice);
    }
    assert_false(voice_is_remote(voices_get("onyx")));
    assert_string_equal(voices_get("http:nobody")->id, "ru-RU-SvetlanaNeural");
}

static void a_list_with_problems_adds_nothing(void **state)
{
    (void)state;
    AUTO_BUFFER(problems, 4096);
    assert_int_equal(voices_configure("anna=ru", &problems), STATUS_OK);
    assert_int_equal(voices_configure("boris, an na", &problems), STATUS_INVALID);
    assert_non_null(strstr(buffer_text(&problems), "an na"));
    assert_null(voices_find("http:anna"));
    assert_null(voices_find("http:boris"));
}

static void a_local_voice_stands_in_for_a_remote_one(void **state)
{
    (void)state;
    AUTO_BUFFER(problems, 4096);
    assert_int_equal(voices_configure("onyx, nova=en-GB, echo=de, anna=fr, jo=xx", &problems),
                     STATUS_OK);
    static const char *const cases[][2] = {
        {"http:onyx", "ru-RU-DmitryNeural"}, {"http:nova", "en-US-JennyNeural"},
        {"http:echo", "local-de-m"},         {"http:anna", "local-fr-f"},
        {"http:jo", "ru-RU-SvetlanaNeural"}, {"gtts-ru-slow", "gtts-ru-slow"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(voices_local_of(voices_get(cases[i][0]))->id, cases[i][1]);
}

static void a_remote_voice_keeps_what_its_language_can_read(void **state)
{
    (void)state;
    AUTO_BUFFER(problems, 4096);
    assert_int_equal(voices_configure("onyx, ash=ru", &problems), STATUS_OK);
    static const char *const cases[][3] = {
        {"http:onyx", "你好", "http:onyx"}, {"http:onyx", "hello", "http:onyx"},
        {"http:ash", "Привет", "http:ash"}, {"http:ash", "hello", "http:ash"},
        {"http:ash", "你好", "local-zh-m"}, {"gtts-ru", "hello", "en-US-JennyNeural"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(voices_for_text(voices_find(cases[i][0]), cases[i][1])->id,
                            cases[i][2]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_of_the_old_backend_keep_their_language_and_sex),
        cmocka_unit_test(ids_are_unique),
        cmocka_unit_test(an_unknown_voice_falls_back_to_the_default_of_its_language),
        cmocka_unit_test(the_language_follows_the_script_that_the_voice_cannot_read),
        cmocka_unit_test_teardown(another_servers_voices_are_offered_after_the_local_ones,
                                  forget_remote_voices),
        cmocka_unit_test_teardown(a_list_with_problems_adds_nothing, forget_remote_voices),
        cmocka_unit_test_teardown(a_local_voice_stands_in_for_a_remote_one, forget_remote_voices),
        cmocka_unit_test_teardown(a_remote_voice_keeps_what_its_language_can_read,
                                  forget_remote_voices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
