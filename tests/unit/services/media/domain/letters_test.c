/* SPDX-License-Identifier: MIT */
#include "services/media/domain/letters.h"

#include "lib/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void capitals_have_their_small_letters(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"ABCXYZ", "abcxyz"},
        {"ÀÉÖØÞ", "àéöøþ"},
        {"ĄČĘŁŃŠŽ", "ąčęłńšž"},
        {"İ", "i"},
        {"ƠƯẠỆỸ", "ơưạệỹ"},
        {"ΑΣΩΆΈΌΏ", "ασωάέόώ"},
        {"АБВЯЁЇЄІҐ", "абвяёїєіґ"},
        {"ӘҒҚҢӨҰҮҺ", "әғқңөұүһ"},
        {"ԱՖ", "աֆ"},
    };
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        const char *small = pairs[i][1];
        for (const char *text = pairs[i][0]; *text;) {
            uint32_t capital, expected;
            text += text_utf8_decode(text, strlen(text), &capital);
            small += text_utf8_decode(small, strlen(small), &expected);
            assert_int_equal(letter_lower(capital), expected);
            assert_true(letter_is_capital(capital));
            assert_int_equal(letter_lower(expected), expected);
            assert_false(letter_is_capital(expected));
        }
    }
    assert_int_equal(letter_lower(0xD7), 0xD7); /* × among the letters */
    assert_int_equal(letter_lower('5'), '5');
    assert_int_equal(letter_lower(0x4F60), 0x4F60);
}

static void letters_are_told_from_digits_and_symbols(void **state)
{
    (void)state;
    static const uint32_t letters[] = {'a', 'Z', 0x44F, 0x5D0, 0x4F60, 0xAC00};
    static const uint32_t others[] = {'5', ' ', '.', '_', 0x2116, 0x2103, 0x20AC, 0x301, 0xFFFD, 0};
    for (size_t i = 0; i < ARRAY_LEN(letters); i++)
        assert_true(letter_is_one(letters[i]));
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        assert_false(letter_is_one(others[i]));
    assert_true(letter_is_symbol(0x2116));
    assert_false(letter_is_symbol('N'));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(capitals_have_their_small_letters),
        cmocka_unit_test(letters_are_told_from_digits_and_symbols),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
