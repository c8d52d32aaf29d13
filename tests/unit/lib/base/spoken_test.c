/* SPDX-License-Identifier: MIT */
#include "lib/base/spoken.h"

#include "lib/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct example {
    const char *text;
    const char *spoken; /* NULL: nothing is left to speak */
};

static const struct spoken_options usual = {.max_chars = 200};

static void check(const struct example *examples, size_t count,
                  const struct spoken_options *options)
{
    AUTO(arena_free) struct arena *arena = arena_new(1024 * 1024);
    for (size_t i = 0; i < count; i++) {
        const char *spoken = spoken_prepare(arena, examples[i].text, options);
        if (!examples[i].spoken)
            assert_null(spoken);
        else
            assert_string_equal(spoken ? spoken : "(nothing)", examples[i].spoken);
    }
}

static void letters_of_every_script_are_kept(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"Hello, world!", "Hello, world!"},
        {"Привет, мир! Ёжик", "Привет, мир! Ёжик"},
        {"مرحبا بالعالم، كيف حالك؟", "مرحبا بالعالم، كيف حالك؟"},
        {"شَكَرَ", "شَكَرَ"},
        {"שָׁלוֹם", "שָׁלוֹם"},
        {"你好，世界。", "你好，世界。"},
        {"こんにちは カタカナ", "こんにちは カタカナ"},
        {"안녕하세요", "안녕하세요"},
        {"नमस्ते दुनिया", "नमस्ते दुनिया"},
        {"สวัสดีครับ", "สวัสดีครับ"},
        {"γειά σου Կոմիտաս გამარჯობა", "γειά σου Կոմիտաս გამარჯობა"},
        {"\U00020BB7野屋", "\U00020BB7野屋"},
    };
    check(examples, ARRAY_LEN(examples), &usual);
}

static void combining_marks_stay_with_their_letter(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"Cafe\u0301 \u0438\u0306од", "Cafe\u0301 \u0438\u0306од"},
        {"\u0301abc", "abc"},
        {"\U0001F600\u0301abc", "abc"},
        {"क\u094D\u200Dष", "क\u094D\u200Dष"}, /* ZWJ between letters */
        {"می\u200Cخواهم", "می\u200Cخواهم"},   /* ZWNJ likewise */
        {"ab\u200Dcd я\u200D!", "abcd я!"},   /* and elsewhere it is noise */
        {"e\u0301\u0301\u0301\u0301\u0301x", "e\u0301\u0301\u0301x"},
    };
    check(examples, ARRAY_LEN(examples), &usual);
}

static void emoji_are_left_out_whole(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"привет\U0001F600мир", "привет мир"},
        {"wow \U0001F600\U0001F600 nice", "wow nice"},
        {"I \u2764\uFE0F you", "I you"},
        {"family \U0001F468\u200D\U0001F469\u200D\U0001F467\u200D\U0001F466!", "family !"},
        {"hi \U0001F44B\U0001F3FD there", "hi there"},
        {"\U0001F1F7\U0001F1FA Россия", "Россия"},
        {"England \U0001F3F4\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F",
         "England"},
        {"press 1\uFE0F\u20E3 or #\u20E3 now 2", "press or now 2"},
        {"\U0001F575\U0001F3FB\u200D\u2642\uFE0F ok", "ok"},
        {"\u231A \u25B6 \u2B50 \u3030 \u203C\uFE0F a", "a"},
        {"\u280B\u2819 braille art", "braille art"},
        {"\U0001F600", NULL},
        {"\U0001F600 \U0001F1FA\U0001F1F8 1\uFE0F\u20E3 \u2764\uFE0F", NULL},
    };
    check(examples, ARRAY_LEN(examples), &usual);
}

static void control_characters_are_left_out(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"a\x01"
         "50Sb\x7F"
         "c",
         "a50Sbc"},
        {"a\u200Bb\u202Ec\u2066d\uFEFFe\u00ADf", "abcdef"},
        {"a\uE000b\uFFFEc\U000F0000d", "abcd"},
        {"a\xFF"
         "b\xC3(\xED\xA0\x80",
         "ab("},
        {"\x01\x02", NULL},
        {"\u3164\u115F", NULL},
    };
    check(examples, ARRAY_LEN(examples), &usual);
}

static void white_space_folds(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"  a \t\r\n b  ", "a b"},
        {"a\u00A0\u2003\u3000b\u2028c\xC2\x85"
         "d",
         "a b c d"},
        {"", NULL},
        {" \n ", NULL},
    };
    check(examples, ARRAY_LEN(examples), &usual);
}

static void runs_of_one_character_shorten_to_three(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"аааааааа", "ааа"},
        {"Heyyyyyy!!!!!!", "Heyyy!!!"},
        {"ооо", "ооо"},
        {"哈哈哈哈哈", "哈哈哈"},
        {"ааа ааааа", "ааа ааа"},
        {"hahahaha", "hahahaha"},
        {"за 1000000 рублей", "за 1000000 рублей"},
        {"aa\u200Baaa", "aaa"},
    };
    check(examples, ARRAY_LEN(examples), &usual);
}

static void links_are_left_out(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"see https://example.com/a?b=c#d, please", "see , please"},
        {"http://пример.рф/путь вот", "вот"},
        {"смотриhttps://x.ru", "смотри"},
        {"(www.example.org)", NULL},
        {"go to www.example.org/x now", "go to now"},
        {"заходи на twitch.tv всем", "заходи на всем"},
        {"t.me/some_channel подпишись", "подпишись"},
        {"mail me@example.com!", "mail !"},
        {"YouTube.COM/watch?v=1. Ok", ". Ok"},
        {"tg://resolve?x", NULL},
        {"https://example.com", NULL},
    };
    check(examples, ARRAY_LEN(examples), &usual);
}

static void what_only_looks_like_a_link_is_kept(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"call.me", "call.me"},
        {"3.14 или 1.5/2", "3.14 или 1.5/2"},
        {"ну...ок. да/нет and/or", "ну...ок. да/нет and/or"},
        {"com. net", "com. net"},
        {"a://", "a://"},
        {"www.", "www."},
        {"node.js v1.2.3", "node.js v1.2.3"},
    };
    check(examples, ARRAY_LEN(examples), &usual);
}

static void links_are_read_on_request(void **state)
{
    (void)state;
    static const struct spoken_options with_links = {.read_links = true, .max_chars = 200};
    static const struct example examples[] = {
        {"see https://example.com/a", "see https://example.com/a"},
        {"t.me/x", "t.me/x"},
    };
    check(examples, ARRAY_LEN(examples), &with_links);
}

static void punctuation_alone_is_nothing_to_speak(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"!!!", NULL}, {"... ?! — «»", NULL}, {"、。！", NULL},
        {"؟", NULL},   {"+", NULL},           {"5", "5"},
    };
    check(examples, ARRAY_LEN(examples), &usual);
}

static void the_result_is_cut_at_max_chars_code_points(void **state)
{
    (void)state;
    static const struct spoken_options short_ones = {.max_chars = 5};
    static const struct example examples[] = {
        {"привет", "приве"},     {"ab cd ef", "ab cd"},
        {"abcd ef", "abcd"},     {"你好世界你好", "你好世界你"},
        {"ааааааааab", "аааab"},
    };
    check(examples, ARRAY_LEN(examples), &short_ones);
}

static void without_a_limit_nothing_is_cut(void **state)
{
    (void)state;
    static const struct spoken_options unlimited = {0};
    AUTO(arena_free) struct arena *arena = arena_new(1024 * 1024);
    char text[4001];
    for (size_t i = 0; i < sizeof(text) - 1; i++)
        text[i] = i % 2 ? 'a' : 'b';
    text[sizeof(text) - 1] = '\0';
    assert_string_equal(spoken_prepare(arena, text, &unlimited), text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_of_every_script_are_kept),
        cmocka_unit_test(combining_marks_stay_with_their_letter),
        cmocka_unit_test(emoji_are_left_out_whole),
        cmocka_unit_test(control_characters_are_left_out),
        cmocka_unit_test(white_space_folds),
        cmocka_unit_test(runs_of_one_character_shorten_to_three),
        cmocka_unit_test(links_are_left_out),
        cmocka_unit_test(what_only_looks_like_a_link_is_kept),
        cmocka_unit_test(links_are_read_on_request),
        cmocka_unit_test(punctuation_alone_is_nothing_to_speak),
        cmocka_unit_test(the_result_is_cut_at_max_chars_code_points),
        cmocka_unit_test(without_a_limit_nothing_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
