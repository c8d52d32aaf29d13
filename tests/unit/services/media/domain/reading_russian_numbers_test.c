/* SPDX-License-Identifier: MIT */
#include "services/media/domain/reading_russian.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* Words are written with a space on both sides. */
static void assert_words(struct buffer *out, const char *expected)
{
    AUTO_BUFFER(words, 4096);
    const char *rest = buffer_text(out);
    while (*(rest += strspn(rest, " "))) {
        size_t size = strcspn(rest, " ");
        buffer_add_text(&words, words.size > 0 ? " " : "");
        buffer_add(&words, rest, size);
        rest += size;
    }
    assert_string_equal(buffer_text(&words), expected);
    buffer_clear(out);
}

static void numbers_agree_with_what_is_counted(void **state)
{
    (void)state;
    static const struct {
        const char *digits;
        enum reading_gender gender;
        const char *words;
    } cases[] = {
        {"0", READING_MASCULINE, "ноль"},
        {"000", READING_FEMININE, "ноль"},
        {"1", READING_MASCULINE, "один"},
        {"1", READING_FEMININE, "одна"},
        {"1", READING_FEMININE_OBJECT, "одну"},
        {"1", READING_NEUTER, "одно"},
        {"2", READING_NEUTER, "два"},
        {"2", READING_FEMININE_OBJECT, "две"},
        {"12", READING_FEMININE, "двенадцать"},
        {"42", READING_FEMININE, "сорок две"},
        {"111", READING_FEMININE, "сто одиннадцать"},
        {"1001", READING_FEMININE, "тысяча одна"},
        {"2002", READING_MASCULINE, "две тысячи два"},
        {"11000", READING_MASCULINE, "одиннадцать тысяч"},
        {"121000", READING_MASCULINE, "сто двадцать одна тысяча"},
        {"1001000", READING_MASCULINE, "один миллион одна тысяча"},
        {"2000003", READING_MASCULINE, "два миллиона три"},
        {"5000000000", READING_MASCULINE, "пять миллиардов"},
        {"999999999999999", READING_MASCULINE,
         "девятьсот девяносто девять триллионов девятьсот девяносто девять миллиардов "
         "девятьсот девяносто девять миллионов девятьсот девяносто девять тысяч "
         "девятьсот девяносто девять"},
    };
    AUTO_BUFFER(out, 4096);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        russian_put_whole(&out, cases[i].digits, cases[i].gender);
        assert_words(&out, cases[i].words);
    }
}

static void nouns_agree_with_their_number(void **state)
{
    (void)state;
    static const struct reading_noun ruble = {READING_MASCULINE, "1", "2", "5"};
    static const char *const cases[][2] = {{"1", "1"},    {"2", "2"},    {"4", "2"},   {"5", "5"},
                                           {"0", "5"},    {"10", "5"},   {"11", "5"},  {"12", "5"},
                                           {"14", "5"},   {"15", "5"},   {"21", "1"},  {"22", "2"},
                                           {"25", "5"},   {"100", "5"},  {"101", "1"}, {"111", "5"},
                                           {"1012", "5"}, {"1021", "1"}, {"1104", "2"}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(russian_form(&ruble, cases[i][0]), cases[i][1]);
}

static void ordinals_end_as_their_stems_want(void **state)
{
    (void)state;
    static const struct {
        unsigned value;
        const char *ending;
        const char *words;
    } cases[] = {
        {1, "ый", "первый"},
        {2, "ый", "второй"},
        {3, "ый", "третий"},
        {3, "ая", "третья"},
        {3, "ого", "третьего"},
        {6, "ый", "шестой"},
        {7, "ая", "седьмая"},
        {8, "ый", "восьмой"},
        {13, "ый", "тринадцатый"},
        {20, "ый", "двадцатый"},
        {23, "ому", "двадцать третьему"},
        {40, "ый", "сороковой"},
        {90, "ые", "девяностые"},
        {100, "ый", "сотый"},
        {102, "ый", "сто второй"},
        {110, "ая", "сто десятая"},
        {200, "ый", "двухсотый"},
        {999, "ый", "девятьсот девяносто девятый"},
        {1000, "ый", "тысячный"},
        {1905, "ого", "тысяча девятьсот пятого"},
        {2000, "ого", "двухтысячного"},
        {2010, "ом", "две тысячи десятом"},
        {2100, "ый", "две тысячи сотый"},
        {9999, "ый", "девять тысяч девятьсот девяносто девятый"},
    };
    AUTO_BUFFER(out, 4096);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_true(russian_put_ordinal(&out, cases[i].value, cases[i].ending));
        assert_words(&out, cases[i].words);
    }
    assert_false(russian_put_ordinal(&out, 0, "ый"));
    assert_false(russian_put_ordinal(&out, 10000, "ый"));
    assert_false(russian_put_ordinal(&out, 5, "ыыы"));
    assert_words(&out, "");
}

static void groups_say_their_zeros(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"5", "пять"},  {"05", "ноль пять"},       {"00", "ноль ноль"},
        {"100", "сто"}, {"007", "ноль ноль семь"}, {"030", "ноль тридцать"},
        {"", ""}};
    AUTO_BUFFER(out, 4096);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        russian_put_group(&out, cases[i][0], strlen(cases[i][0]));
        assert_words(&out, cases[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_agree_with_what_is_counted),
        cmocka_unit_test(nouns_agree_with_their_number),
        cmocka_unit_test(ordinals_end_as_their_stems_want),
        cmocka_unit_test(groups_say_their_zeros),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
