/* SPDX-License-Identifier: MIT */
#include "services/media/domain/reading_russian.h"

#include "lib/base/text.h"

#include <stdio.h>

static const char *const ones[] = {
    "",           "один",        "два",        "три",          "четыре",
    "пять",       "шесть",       "семь",       "восемь",       "девять",
    "десять",     "одиннадцать", "двенадцать", "тринадцать",   "четырнадцать",
    "пятнадцать", "шестнадцать", "семнадцать", "восемнадцать", "девятнадцать",
};
static const char *const tens[] = {
    "",          "",           "двадцать",  "тридцать",    "сорок",
    "пятьдесят", "шестьдесят", "семьдесят", "восемьдесят", "девяносто",
};
static const char *const hundreds[] = {
    "",        "сто",      "двести",  "триста",    "четыреста",
    "пятьсот", "шестьсот", "семьсот", "восемьсот", "девятьсот",
};

/* Of ordinals, what comes before the ending. */
static const char *const ones_stems[] = {
    "",          "перв",       "втор",      "трет",        "четвёрт",
    "пят",       "шест",       "седьм",     "восьм",       "девят",
    "десят",     "одиннадцат", "двенадцат", "тринадцат",   "четырнадцат",
    "пятнадцат", "шестнадцат", "семнадцат", "восемнадцат", "девятнадцат",
};
static const char *const tens_stems[] = {
    "",          "",           "двадцат",   "тридцат",     "сороков",
    "пятидесят", "шестидесят", "семидесят", "восьмидесят", "девяност",
};
static const char *const hundreds_stems[] = {
    "",        "сот",      "двухсот", "трёхсот",   "четырёхсот",
    "пятисот", "шестисот", "семисот", "восьмисот", "девятисот",
};
static const char *const thousands_stems[] = {
    "",           "тысячн",      "двухтысячн", "трёхтысячн",   "четырёхтысячн",
    "пятитысячн", "шеститысячн", "семитысячн", "восьмитысячн", "девятитысячн",
};

static const struct reading_noun scales[] = {
    {READING_MASCULINE, "", "", ""},
    {READING_FEMININE, "тысяча", "тысячи", "тысяч"},
    {READING_MASCULINE, "миллион", "миллиона", "миллионов"},
    {READING_MASCULINE, "миллиард", "миллиарда", "миллиардов"},
    {READING_MASCULINE, "триллион", "триллиона", "триллионов"},
};

static const char *form_of(const struct reading_noun *noun, unsigned value)
{
    unsigned ten = value % 100;
    unsigned one = value % 10;
    if (ten >= 11 && ten <= 14)
        return noun->many;
    if (one == 1)
        return noun->one;
    return one >= 2 && one <= 4 ? noun->few : noun->many;
}

const char *russian_form(const struct reading_noun *noun, const char *digits)
{
    size_t count = strlen(digits);
    size_t last = count < 2 ? count : 2;
    return form_of(noun, reading_value(digits + count - last, last));
}

static const char *one_of(unsigned value, enum reading_gender gender)
{
    bool is_feminine = gender == READING_FEMININE || gender == READING_FEMININE_OBJECT;
    if (value == 2 && is_feminine)
        return "две";
    if (value != 1 || gender == READING_MASCULINE)
        return ones[value];
    if (gender == READING_NEUTER)
        return "одно";
    return gender == READING_FEMININE ? "одна" : "одну";
}

/* 1 to 999. */
static void put_triad(struct buffer *out, unsigned value, enum reading_gender gender)
{
    reading_put(out, hundreds[value / 100]);
    value %= 100;
    if (value >= ARRAY_LEN(ones)) {
        reading_put(out, tens[value / 10]);
        value %= 10;
    }
    reading_put(out, one_of(value, gender));
}

void russian_put_whole(struct buffer *out, const char *digits, enum reading_gender gender)
{
    size_t count = strlen(digits);
    size_t scale = count == 0 ? 0 : (count - 1) / 3;
    bool is_first = true;
    while (count > 0) {
        size_t size = count - 3 * scale;
        unsigned value = reading_value(digits, size);
        bool is_bare_thousand = is_first && value == 1 && scale == 1;
        if (value > 0 && !is_bare_thousand)
            put_triad(out, value, scale > 0 ? scales[scale].gender : gender);
        if (value > 0)
            reading_put(out, form_of(&scales[scale], value));
        is_first &= value == 0;
        digits += size;
        count -= size;
        scale--;
    }
    if (is_first)
        reading_put(out, "ноль");
}

void russian_put_group(struct buffer *out, const char *digits, size_t count)
{
    while (count > 0 && *digits == '0') {
        reading_put(out, "ноль");
        digits++;
        count--;
    }
    if (count > 0)
        put_triad(out, reading_value(digits, count), READING_MASCULINE);
}

/* "третий" has endings of its own. */
static const char *soft_ending(const char *hard)
{
    static const struct reading_words endings[] = {
        {"ый", "ий"},  {"ая", "ья"}, {"ое", "ье"},  {"ого", "ьего"}, {"ому", "ьему"}, {"ую", "ью"},
        {"ом", "ьем"}, {"ые", "ьи"}, {"ых", "ьих"}, {"ым", "ьим"},   {"ыми", "ьими"}, {"ой", "ьей"},
    };
    for (size_t i = 0; i < ARRAY_LEN(endings); i++)
        if (text_equal(endings[i].written, hard))
            return endings[i].spoken;
    return NULL;
}

/* These are stressed on the ending: "второй", not "вторый". */
static bool is_stressed(const char *stem)
{
    static const char *const stems[] = {"втор", "шест", "седьм", "восьм", "сороков"};
    for (size_t i = 0; i < ARRAY_LEN(stems); i++)
        if (text_equal(stem, stems[i]))
            return true;
    return false;
}

/* The last word of the ordinal; *ret_rest is what stands before it. */
static const char *last_stem(unsigned value, unsigned *ret_rest)
{
    unsigned part = value % 100;
    if (part >= ARRAY_LEN(ones_stems) && part % 10 > 0)
        part %= 10;
    if (part == 0)
        part = value % 1000;
    if (part == 0)
        part = value;
    *ret_rest = value - part;
    if (part < ARRAY_LEN(ones_stems))
        return ones_stems[part];
    if (part < 100)
        return tens_stems[part / 10];
    return part < 1000 ? hundreds_stems[part / 100] : thousands_stems[part / 1000];
}

bool russian_put_ordinal(struct buffer *out, unsigned value, const char *ending)
{
    const char *soft = soft_ending(ending);
    if (value == 0 || value > 9999 || !soft)
        return false;
    unsigned rest;
    const char *stem = last_stem(value, &rest);
    if (text_equal(stem, "трет"))
        ending = soft;
    else if (text_equal(ending, "ый") && is_stressed(stem))
        ending = "ой";
    char text[64];
    if (rest > 0) {
        snprintf(text, sizeof(text), "%u", rest);
        russian_put_whole(out, text, READING_MASCULINE);
    }
    snprintf(text, sizeof(text), "%s%s", stem, ending);
    reading_put(out, text);
    return true;
}
