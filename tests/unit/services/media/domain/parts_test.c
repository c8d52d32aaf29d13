/* SPDX-License-Identifier: MIT */
#include "services/media/domain/parts.h"

#include "lib/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void words_go_to_voices_that_can_read_them(void **state)
{
    (void)state;
    static const struct {
        const char *id;
        const char *text;
        struct {
            const char *id, *text;
        } parts[4];
    } cases[] = {
        {"gtts-ru", "Привет, hello 123!", {{"gtts-ru", "Привет, hello 123!"}}},
        {"gtts-ru",
         "Привет, γειά σου! Пока",
         {{"gtts-ru", "Привет, "}, {"local-el-f", "γειά σου! "}, {"gtts-ru", "Пока"}}},
        {"ru-RU-DmitryNeural",
         "小明 привет",
         {{"local-zh-m", "小明 "}, {"ru-RU-DmitryNeural", "привет"}}},
        {"gtts-en", "Привет", {{"ru-RU-SvetlanaNeural", "Привет"}}},
        {"gtts-ru", "«γειά» да-да-да", {{"local-el-f", "«γειά» "}, {"gtts-ru", "да-да-да"}}},
        {"local-ja-f",
         "hello こんにちは",
         {{"en-US-JennyNeural", "hello "}, {"local-ja-f", "こんにちは"}}},
        {"gtts-ru", "да ⴰⵣⵓⵍ да", {{"gtts-ru", "да  да"}}},
        {"gtts-ru", "123 %", {{"gtts-ru", "123 %"}}},
        {"gtts-ru", "", {{NULL, NULL}}},
    };
    AUTO(arena_free) struct arena *arena = arena_new(1024 * 1024);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct voice_part parts[VOICE_PARTS_MAX];
        size_t count = parts_divide(arena, voices_find(cases[i].id), cases[i].text, parts);
        size_t expected = 0;
        while (cases[i].parts[expected].text)
            expected++;
        assert_int_equal(count, expected);
        for (size_t part = 0; part < count; part++) {
            assert_string_equal(parts[part].voice->id, cases[i].parts[part].id);
            assert_string_equal(parts[part].text, cases[i].parts[part].text);
        }
    }
}

static void there_are_never_more_than_the_maximum(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(1024 * 1024);
    AUTO_BUFFER(text, 4096);
    for (int i = 0; i < 20; i++)
        buffer_add_text(&text, "привет γειά ");
    struct voice_part parts[VOICE_PARTS_MAX];
    size_t count = parts_divide(arena, voices_get(NULL), buffer_text(&text), parts);
    assert_int_equal(count, VOICE_PARTS_MAX);
    assert_string_equal(parts[0].text, "привет ");
    assert_string_equal(parts[VOICE_PARTS_MAX - 1].text, "γειά ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_go_to_voices_that_can_read_them),
        cmocka_unit_test(there_are_never_more_than_the_maximum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
