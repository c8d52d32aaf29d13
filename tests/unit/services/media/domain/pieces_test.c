/* SPDX-License-Identifier: MIT */
#include "services/media/domain/pieces.h"

#include "lib/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void a_text_is_cut_where_one_would_draw_breath(void **state)
{
    (void)state;
    static const struct {
        size_t max;
        const char *text;
        const char *pieces[6];
    } cases[] = {
        {20, "Short.", {"Short."}},
        {20, "One. Two. Three and four.", {"One. Two. ", "Three and four."}},
        {14, "One, two three, four", {"One, ", "two three, ", "four"}},
        {12, "One two three four", {"One two ", "three four"}},
        {5, "abcdefghijkl", {"abcde", "fghij", "kl"}},
        {5, "привет", {"пр", "ив", "ет"}},
        {16, "Pi is 3.14159 now", {"Pi is 3.14159 ", "now"}},
        {12, "Wait... what? yes", {"Wait... ", "what? yes"}},
        {12, "你好。世界！再见", {"你好。", "世界！", "再见"}},
        {13, "你好，世界再见", {"你好，", "世界再见"}},
        {10, "a — b c d e f", {"a — ", "b c d e f"}},
        {8, "नमस्ते", {"नम", "स्", "ते"}},
        {30, "", {NULL}},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *text = cases[i].text;
        for (const char *const *piece = cases[i].pieces; *piece; piece++) {
            size_t size = pieces_next(text, cases[i].max);
            assert_int_equal(size, strlen(*piece));
            assert_memory_equal(text, *piece, size);
            text += size;
        }
        assert_int_equal(pieces_next(text, cases[i].max), 0);
    }
}

static void pieces_are_whole_characters_and_lose_nothing(void **state)
{
    (void)state;
    static const char text[] = "aя你\U0001F600, aя你\U0001F600. aя你\U0001F600aя你\U0001F600! ..";
    for (size_t max = 4; max < sizeof(text) + 2; max++) {
        size_t at = 0;
        for (size_t size; (size = pieces_next(text + at, max)) > 0; at += size) {
            assert_true(size <= max);
            assert_true(text_utf8_is_valid(text + at, size));
        }
        assert_int_equal(at, strlen(text));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_cut_where_one_would_draw_breath),
        cmocka_unit_test(pieces_are_whole_characters_and_lose_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
