/* SPDX-License-Identifier: MIT */
#include "services/media/domain/parts.h"

#include "lib/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct example {
    const char *id;
    const char *text;
    struct {
        const char *id, *text;
    } parts[8];
};

static void check(const struct example *cases, size_t case_count)
{
    AUTO(arena_free) struct arena *arena = arena_new(1024 * 1024);
    for (size_t i = 0; i < case_count; i++) {
        struct voice_part parts[VOICE_PARTS_MAX];
        size_t count = parts_divide(arena, voices_find(cases[i].id), cases[i].text, parts);
        size_t expected = 0;
        while (cases[i].parts[expected].text)
            expected++;
        for (size_t part = 0; part < count && part < expected; part++) {
            assert_string_equal(parts[part].text, cases[i].parts[part].text);
            assert_string_equal(parts[part].voice->id, cases[i].parts[part].id);
        }
        assert_int_equal(count, expected);
    }
}

static void words_go_to_voices_that_can_read_them(void **state)
{
    (void)state;
    static const struct example cases[] = {
        {"gtts-ru", "Привет, мир 123!", {{"gtts-ru", "Привет, мир 123!"}}},
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
        {"gtts-ru", "ⴰⵣⵓⵍ 5", {{"gtts-ru", " 5"}}},
        {"gtts-ru", "123 %", {{"gtts-ru", "123 %"}}},
        {"gtts-ru", "№5 €", {{"gtts-ru", "№5 €"}}},
        {"gtts-ru", "", {{NULL, NULL}}},
    };
    check(cases, ARRAY_LEN(cases));
}

static void latin_words_in_russian_are_read_by_an_english_voice_of_the_same_sex(void **state)
{
    (void)state;
    static const struct example cases[] = {
        {"ru-RU-DariyaNeural",
         "Привет, hello мир!",
         {{"ru-RU-DariyaNeural", "Привет, "},
          {"en-US-JennyNeural", "hello "},
          {"ru-RU-DariyaNeural", "мир!"}}},
        {"ru-RU-DmitryNeural",
         "Смотри YouTube, ок?",
         {{"ru-RU-DmitryNeural", "Смотри "},
          {"local-en-m", "YouTube, "},
          {"ru-RU-DmitryNeural", "ок?"}}},
        {"gtts-ru", "Hello, world", {{"en-US-JennyNeural", "Hello, world"}}},
        {"gtts-ru", "SMS-ка", {{"en-US-JennyNeural", "SMS-"}, {"gtts-ru", "ка"}}},
        {"gtts-ru",
         "I'm from Russia, а ты?",
         {{"en-US-JennyNeural", "I'm from Russia, "}, {"gtts-ru", "а ты?"}}},
        {"gtts-ru", "он don't stop", {{"gtts-ru", "он "}, {"en-US-JennyNeural", "don't stop"}}},
        {"local-de-m", "Guten Tag, hello", {{"local-de-m", "Guten Tag, hello"}}},
        {"local-de-m",
         "Guten Tag, привет, hallo",
         {{"local-de-m", "Guten Tag, "},
          {"ru-RU-DmitryNeural", "привет, "},
          {"local-de-m", "hallo"}}},
    };
    check(cases, ARRAY_LEN(cases));
}

static void single_latin_letters_stay_where_they_are(void **state)
{
    (void)state;
    static const struct example cases[] = {
        {"gtts-ru", "план B и витамин C", {{"gtts-ru", "план B и витамин C"}}},
        {"gtts-ru", "за 5k x2 руб", {{"gtts-ru", "за 5k x2 руб"}}},
        {"gtts-ru",
         "слушай, I have a dream, да",
         {{"gtts-ru", "слушай, "}, {"en-US-JennyNeural", "I have a dream, "}, {"gtts-ru", "да"}}},
        {"gtts-ru", "пpивeт", {{"gtts-ru", "привет"}}},
        /* Hebrew voices get through no Latin letter. */
        {"local-he-f",
         "שלום x שלום",
         {{"local-he-f", "שלום "}, {"en-US-JennyNeural", "x "}, {"local-he-f", "שלום"}}},
    };
    check(cases, ARRAY_LEN(cases));
}

static void numbers_are_read_in_the_language_around_them(void **state)
{
    (void)state;
    static const struct example cases[] = {
        {"gtts-ru",
         "мой iPhone 15, ок",
         {{"gtts-ru", "мой "}, {"en-US-JennyNeural", "iPhone "}, {"gtts-ru", "15, ок"}}},
        {"gtts-ru",
         "мой iPhone 15 Pro, ок",
         {{"gtts-ru", "мой "}, {"en-US-JennyNeural", "iPhone 15 Pro, "}, {"gtts-ru", "ок"}}},
        {"gtts-ru",
         "купил PS5 за $500",
         {{"gtts-ru", "купил "}, {"en-US-JennyNeural", "PS5 "}, {"gtts-ru", "за $500"}}},
        {"gtts-ru",
         "донат top (№1) всем",
         {{"gtts-ru", "донат "}, {"en-US-JennyNeural", "top "}, {"gtts-ru", "(№1) всем"}}},
        {"gtts-ru",
         "5 apples и 3 груши",
         {{"gtts-ru", "5 "}, {"en-US-JennyNeural", "apples "}, {"gtts-ru", "и 3 груши"}}},
        {"gtts-en",
         "Viktor из Москвы 5",
         {{"gtts-en", "Viktor "}, {"ru-RU-SvetlanaNeural", "из Москвы 5"}}},
        {"gtts-ru-slow",
         "Привет, this is mostly English text with 5 dogs",
         {{"gtts-ru-slow", "Привет, "},
          {"en-US-JennyNeural", "this is mostly English text with 5 dogs"}}},
    };
    check(cases, ARRAY_LEN(cases));
}

static void what_comes_after_the_last_part_stays_with_the_main_voice(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(1024 * 1024);
    AUTO_BUFFER(text, 4096);
    for (int i = 0; i < 20; i++)
        buffer_add_text(&text, "привет γειά ");
    buffer_add_text(&text, "hello 小明 мир");
    struct voice_part parts[VOICE_PARTS_MAX];
    size_t count = parts_divide(arena, voices_get(NULL), buffer_text(&text), parts);
    assert_int_equal(count, VOICE_PARTS_MAX - 1); /* the main voice had the turn */
    assert_string_equal(parts[0].text, "привет ");
    assert_string_equal(parts[1].text, "γειά ");
    assert_string_equal(parts[count - 1].voice->id, "ru-RU-SvetlanaNeural");
    assert_string_equal(parts[count - 1].text,
                        "привет  привет  привет  привет  привет  hello  мир");
}

static void the_last_part_may_be_one_too_many(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(1024 * 1024);
    AUTO_BUFFER(text, 4096);
    for (int i = 0; i < 16; i++)
        buffer_add_text(&text, "γειά привет ");
    struct voice_part parts[VOICE_PARTS_MAX];
    size_t count = parts_divide(arena, voices_get(NULL), buffer_text(&text), parts);
    assert_int_equal(count, VOICE_PARTS_MAX);
    assert_string_equal(parts[count - 1].text, "привет ");
}

static void a_remote_voice_is_divided_as_its_local_one(void **state)
{
    (void)state;
    AUTO_BUFFER(problems, 4096);
    assert_int_equal(voices_configure("onyx=ru", &problems), STATUS_OK);
    static const struct example cases[] = {
        {"http:onyx", "привет hello", {{"ru-RU-DmitryNeural", "привет "}, {"local-en-m", "hello"}}},
    };
    check(cases, ARRAY_LEN(cases));
    assert_int_equal(voices_configure("", &problems), STATUS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_go_to_voices_that_can_read_them),
        cmocka_unit_test(latin_words_in_russian_are_read_by_an_english_voice_of_the_same_sex),
        cmocka_unit_test(single_latin_letters_stay_where_they_are),
        cmocka_unit_test(numbers_are_read_in_the_language_around_them),
        cmocka_unit_test(what_comes_after_the_last_part_stays_with_the_main_voice),
        cmocka_unit_test(the_last_part_may_be_one_too_many),
        cmocka_unit_test(a_remote_voice_is_divided_as_its_local_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
