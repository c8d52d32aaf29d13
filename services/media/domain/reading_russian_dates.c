/* SPDX-License-Identifier: MIT */
#include "services/media/domain/reading_russian.h"

#include "lib/base/text.h"

#include <stdio.h>

#define YEAR_FIRST 1000
#define YEAR_LAST 2100

static const char *const months[] = {
    "",     "января",  "февраля",  "марта",   "апреля", "мая",     "июня",
    "июля", "августа", "сентября", "октября", "ноября", "декабря",
};

static bool is_day(const struct reading_chain *chain)
{
    return chain->digits[0] <= 2 && chain->values[0] >= 1 && chain->values[0] <= 31 &&
           chain->digits[1] <= 2 && chain->values[1] >= 1 && chain->values[1] <= 12;
}

/* "12.05" is a day when no unit follows; "3.14" is none. */
static bool is_day_alone(const struct reading_chain *chain, const char *rest)
{
    size_t size;
    return chain->count == 2 && chain->digits[0] == 2 && chain->digits[1] == 2 &&
           !reading_find_unit(reading_russian.units, rest, &size) &&
           !reading_find_unit(reading_russian.magnitudes, rest, &size);
}

/* "12.05.2024", "12/05/24 г.", "12.05". */
static size_t put_date(struct buffer *out, const char *text)
{
    struct reading_chain date;
    bool has_points = reading_find_chain(text, '.', &date);
    if (!has_points && (!reading_find_chain(text, '/', &date) || date.count < 3))
        return 0;
    const char *rest = text + date.size;
    bool has_year = date.count == 3 && date.values[2] > 0 && date.digits[2] % 2 == 0;
    if (!is_day(&date) || (!has_year && !is_day_alone(&date, rest)))
        return 0;
    russian_put_ordinal(out, date.values[0], "ого");
    reading_put(out, months[date.values[1]]);
    if (!has_year)
        return date.size;
    russian_put_ordinal(out, date.values[2], "ого");
    size_t space = *rest == ' ';
    if (reading_has_word(rest + space, "года"))
        return date.size;
    reading_put(out, "года");
    size_t abbreviation = reading_word_size(rest + space, "г");
    if (abbreviation == 0)
        return date.size;
    rest += space + abbreviation;
    return (size_t)(rest - text) + reading_point_size(rest);
}

/* "20:30", "3:2", "1:02:03". */
static size_t put_time(struct buffer *out, const char *text)
{
    struct reading_chain time;
    if (!reading_find_chain(text, ':', &time))
        return 0;
    const char *digits = text;
    for (unsigned i = 0; i < time.count; i++) {
        if (time.digits[i] > 3)
            return 0;
        russian_put_group(out, digits, time.digits[i]);
        digits += time.digits[i] + 1;
    }
    return time.size;
}

static void put_value(struct buffer *out, unsigned value, enum reading_gender gender)
{
    char digits[16];
    snprintf(digits, sizeof(digits), "%u", value);
    russian_put_whole(out, digits, gender);
}

/* "1/2", "9/10", "24/7", "5/7". */
static size_t put_ratio(struct buffer *out, const char *text)
{
    static const struct {
        unsigned whole;
        struct reading_noun parts;
    } fractions[] = {
        {2, {READING_FEMININE, "вторая", "вторых", "вторых"}},
        {3, {READING_FEMININE, "треть", "трети", "третей"}},
        {4, {READING_FEMININE, "четверть", "четверти", "четвертей"}},
    };
    static const struct {
        unsigned whole;
        const char *words;
    } marks[] = {{5, "из пяти"}, {10, "из десяти"}, {100, "из ста"}};
    struct reading_chain ratio;
    if (!reading_find_chain(text, '/', &ratio))
        return 0;
    if (ratio.count > 2) {
        for (unsigned i = 0; i < ratio.count; i++)
            put_value(out, ratio.values[i], READING_MASCULINE);
        return ratio.size;
    }
    unsigned part = ratio.values[0];
    unsigned whole = ratio.values[1];
    for (size_t i = 0; i < ARRAY_LEN(fractions); i++)
        if (fractions[i].whole == whole && part > 0 && part < whole) {
            put_value(out, part, READING_FEMININE);
            reading_put(out, part == 1 ? fractions[i].parts.one : fractions[i].parts.few);
            return ratio.size;
        }
    put_value(out, part, READING_MASCULINE);
    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        if (marks[i].whole == whole && part <= whole) {
            reading_put(out, marks[i].words);
            return ratio.size;
        }
    bool is_pair = part == whole || (part == 24 && whole == 7);
    reading_put(out, is_pair ? "на" : "дробь");
    put_value(out, whole, READING_MASCULINE);
    return ratio.size;
}

size_t russian_put_special(struct buffer *out, const char *text)
{
    size_t size = put_date(out, text);
    if (size == 0)
        size = put_time(out, text);
    return size > 0 ? size : put_ratio(out, text);
}

/* "в 2024 году", "5 мая": the word itself follows. */
static bool put_before_word(struct buffer *out, unsigned value, const char *word)
{
    static const struct reading_words years[] = {
        {"год", "ый"}, {"года", "ого"}, {"году", "ом"}, {"годом", "ым"}, {"годы", "ые"},
    };
    if (*word != ' ')
        return false;
    for (size_t i = 0; i < ARRAY_LEN(years) && value >= YEAR_FIRST && value <= YEAR_LAST; i++)
        if (reading_has_word(word + 1, years[i].written))
            return russian_put_ordinal(out, value, years[i].spoken);
    for (size_t i = 1; i < ARRAY_LEN(months) && value <= 31; i++)
        if (reading_has_word(word + 1, months[i]))
            return russian_put_ordinal(out, value, "ого");
    return false;
}

/* "5-ти", "2-х": not ordinals, but one of the cases. */
static const char *genitive_of(unsigned value, const char *ending)
{
    static const char *const few[] = {"двух", "трёх", "четырёх"};
    static const char *const many[] = {
        "пяти",        "шести",        "семи",         "восьми",       "девяти",     "десяти",
        "одиннадцати", "двенадцати",   "тринадцати",   "четырнадцати", "пятнадцати", "шестнадцати",
        "семнадцати",  "восемнадцати", "девятнадцати", "двадцати",
    };
    if (text_equal(ending, "х") && value >= 2 && value <= 4)
        return few[value - 2];
    if (!text_equal(ending, "ти"))
        return NULL;
    return value == 30 ? "тридцати" : value >= 5 && value <= 20 ? many[value - 5] : NULL;
}

/* What is written after a number and its hyphen, and the ending that it stands for. */
static const struct {
    const char *written;
    const char *ending;
    bool needs_hyphen; /* since without one it may be something else */
} endings[] = {
    {"ый", "ый", false},   {"ой", "ый", false},   {"ий", "ый", false},  {"й", "ый", false},
    {"ая", "ая", false},   {"я", "ая", false},    {"ое", "ое", false},  {"ые", "ые", false},
    {"ого", "ого", false}, {"его", "ого", false}, {"го", "ого", false}, {"ому", "ому", false},
    {"му", "ому", false},  {"ую", "ую", false},   {"ю", "ую", true},    {"ом", "ом", false},
    {"ых", "ых", false},   {"ым", "ым", false},   {"е", "ое", true},    {"м", "ом", true},
    {"х", "ых", true},     {"ти", NULL, false},
};

/* Whole tens are the years: "90-е". */
static const char *ending_for(unsigned value, const char *ending)
{
    bool is_decade = value >= 20 && value % 10 == 0 && value % 100 >= 20;
    return is_decade && text_equal(ending, "ое") ? "ые" : ending;
}

bool russian_put_counted_ordinal(struct buffer *out, const char *whole, const char *rest,
                                 size_t *ret_size)
{
    if (strlen(whole) > 4)
        return false;
    unsigned value = reading_value(whole, strlen(whole));
    *ret_size = 0;
    if (put_before_word(out, value, rest))
        return true;
    size_t hyphen = *rest == '-';
    for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
        if ((endings[i].needs_hyphen && !hyphen) ||
            !reading_has_word(rest + hyphen, endings[i].written))
            continue;
        *ret_size = hyphen + strlen(endings[i].written);
        const char *genitive = genitive_of(value, endings[i].written);
        if (genitive)
            reading_put(out, genitive);
        if (genitive || !endings[i].ending)
            return genitive;
        return russian_put_ordinal(out, value, ending_for(value, endings[i].ending));
    }
    return false;
}
