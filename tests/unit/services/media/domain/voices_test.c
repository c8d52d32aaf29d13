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
        {"ru-RU-DmitryNeural", "Привет, this is mostly English", "ru-RU-DmitryNeural"},
        {"en-US-JennyNeural", "hello", "en-US-JennyNeural"},
        {"en-US-JennyNeural", "Привет, друзья", "ru-RU-SvetlanaNeural"},
        {"local-en-m", "Привет, друзья", "ru-RU-DmitryNeural"},
        {"en-US-JennyNeural", "Viktor из Москвы", "ru-RU-SvetlanaNeural"},
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_of_the_old_backend_keep_their_language_and_sex),
        cmocka_unit_test(ids_are_unique),
        cmocka_unit_test(an_unknown_voice_falls_back_to_the_default_of_its_language),
        cmocka_unit_test(the_language_follows_the_script_that_the_voice_cannot_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
