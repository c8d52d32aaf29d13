/* SPDX-License-Identifier: MIT */
/* English numbers stay digits: voices read those well. */
#include "services/media/domain/reading_language.h"

#include "lib/base/text.h"

static void put_digits(struct buffer *out, const char *digits)
{
    size_t left = strlen(digits);
    if (left == 11) {
        buffer_printf(out, "%c, ", *digits++);
        left--;
    }
    while (left > 0) {
        size_t size = left <= 4 ? left : 3;
        for (size_t i = 0; i < size; i++)
            buffer_printf(out, i == 0 ? "%c" : " %c", digits[i]);
        digits += size;
        left -= size;
        buffer_add_text(out, left > 0 ? ", " : "");
    }
}

static void put_number(struct buffer *out, const struct reading_number *number,
                       const struct reading_noun *noun)
{
    bool is_one = text_equal(number->whole, "1") && !*number->fraction;
    buffer_add_text(out, number->whole);
    if (*number->fraction)
        buffer_printf(out, ".%s", number->fraction);
    if (noun)
        reading_put(out, is_one ? noun->one : noun->many);
}

/* "8:05" → "8 oh 5"; full hours are told apart from scores by the noughts. */
static size_t put_time(struct buffer *out, const char *text)
{
    struct reading_chain time;
    if (!reading_find_chain(text, ':', &time))
        return 0;
    bool is_time =
        time.count == 2 && time.digits[1] == 2 && time.values[0] <= 24 && time.values[1] < 60;
    if (!is_time) {
        for (unsigned i = 0; i < time.count; i++)
            buffer_printf(out, "%s%u",
                          i == 0            ? ""
                          : time.count == 2 ? " to "
                                            : " ",
                          time.values[i]);
        return time.size;
    }
    size_t space = text[time.size] == ' ';
    const char *rest = text + time.size + space;
    bool has_half = reading_has_word(rest, "am") || reading_has_word(rest, "pm") ||
                    reading_has_word(rest, "o'clock");
    buffer_printf(out, "%u", time.values[0]);
    if (time.values[1] >= 10)
        buffer_printf(out, " %u", time.values[1]);
    else if (time.values[1] > 0)
        buffer_printf(out, " oh %u", time.values[1]);
    else if (!has_half)
        buffer_add_text(out, time.values[0] > 12 || time.values[0] == 0 ? " hundred" : " o'clock");
    return time.size;
}

/* "1/2", "9/10", "24/7". */
static size_t put_ratio(struct buffer *out, const char *text)
{
    static const struct {
        unsigned whole;
        const char *one, *many;
    } parts[] = {{2, "half", "halves"}, {3, "third", "thirds"}, {4, "quarter", "quarters"}};
    struct reading_chain ratio;
    if (!reading_find_chain(text, '/', &ratio))
        return 0;
    unsigned part = ratio.values[0];
    unsigned whole = ratio.values[1];
    for (size_t i = 0; ratio.count == 2 && i < ARRAY_LEN(parts); i++)
        if (parts[i].whole == whole && part > 0 && part < whole) {
            buffer_printf(out, "%u %s", part, part == 1 ? parts[i].one : parts[i].many);
            return ratio.size;
        }
    bool is_mark = ratio.count == 2 && part <= whole && (whole == 5 || whole == 10 || whole == 100);
    for (unsigned i = 0; i < ratio.count; i++)
        buffer_printf(out, "%s%u", i == 0 ? "" : is_mark ? " out of " : " ", ratio.values[i]);
    return ratio.size;
}

/* "12.05.2024". */
static size_t put_date(struct buffer *out, const char *text)
{
    struct reading_chain date;
    if (!reading_find_chain(text, '.', &date) || date.count < 3 || date.digits[2] != 4)
        return 0;
    buffer_printf(out, "%u %u %u", date.values[0], date.values[1], date.values[2]);
    return date.size;
}

static size_t put_special(struct buffer *out, const char *text)
{
    size_t size = put_time(out, text);
    if (size == 0)
        size = put_date(out, text);
    return size > 0 ? size : put_ratio(out, text);
}

/* "2nd". */
static bool put_ordinal(struct buffer *out, const char *whole, const char *rest, size_t *ret_size)
{
    static const char *const endings[] = {"st", "nd", "rd", "th", "s"};
    for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
        if (!reading_has_word(rest, endings[i]))
            continue;
        buffer_printf(out, "%s%s", whole, endings[i]);
        *ret_size = strlen(endings[i]);
        return true;
    }
    return false;
}

static const struct reading_noun *counted(const char *word)
{
    (void)word;
    return NULL;
}

static const struct reading_noun cents = {READING_NEUTER, "cent", "cents", "cents"};
static const struct reading_noun pence = {READING_NEUTER, "penny", "pence", "pence"};
static const struct reading_noun kopecks = {READING_NEUTER, "kopeck", "kopecks", "kopecks"};

#define UNIT(spellings, one, many) {spellings, {READING_NEUTER, one, many, many}, NULL, false},
#define MONEY(spellings, one, many, hundredth)                                                     \
    {spellings, {READING_NEUTER, one, many, many}, hundredth, true},

/* clang-format off */
static const struct reading_unit magnitudes[] = {
    UNIT("k K thousand", "thousand", "thousand")
    UNIT("M million mln", "million", "million")
    UNIT("B billion bn", "billion", "billion")
    {NULL, {0}, NULL, false},
};

static const struct reading_unit units[] = {
    MONEY("$ usd",   "dollar",  "dollars",  &cents)
    MONEY("€ eur",   "euro",    "euros",    &cents)
    MONEY("£ gbp",   "pound",   "pounds",   &pence)
    MONEY("₽ rub",   "ruble",   "rubles",   &kopecks)
    MONEY("₴ uah",   "grivna",  "grivnas",  &kopecks)
    MONEY("₸ kzt",   "tenge",   "tenge",    NULL)
    MONEY("¥",   "yen",     "yen",      NULL)
    MONEY("₺",   "lira",    "lira",     NULL)
    MONEY("₹",   "rupee",   "rupees",   NULL)
    MONEY("₩",   "won",     "won",      NULL)
    MONEY("₾",   "lari",    "lari",     NULL)
    MONEY("₼",   "manat",   "manats",   NULL)
    MONEY("֏",   "dram",    "drams",    NULL)
    MONEY("₿ btc",   "bitcoin", "bitcoins", NULL)
    UNIT("%",        "percent", "percent")
    UNIT("°C ℃",     "degree Celsius", "degrees Celsius")
    UNIT("°F ℉",     "degree Fahrenheit", "degrees Fahrenheit")
    UNIT("° º",      "degree",  "degrees")
    UNIT("km/h kph", "kilometer an hour", "kilometers an hour")
    UNIT("mph",      "mile an hour", "miles an hour")
    UNIT("km",       "kilometer", "kilometers")
    UNIT("cm",       "centimeter", "centimeters")
    UNIT("mm",       "millimeter", "millimeters")
    UNIT("kg",       "kilogram", "kilograms")
    UNIT("lbs lb",   "pound",   "pounds")
    UNIT("ft",       "foot",    "feet")
    UNIT("min mins", "minute",  "minutes")
    UNIT("sec secs", "second",  "seconds")
    UNIT("hr hrs",   "hour",    "hours")
    UNIT("gb",       "gigabyte", "gigabytes")
    UNIT("mb",       "megabyte", "megabytes")
    {NULL, {0}, NULL, false},
};

static const struct reading_words signs[] = {
    {"№", "number"},      {"&", "and"},           {"+", "plus"},        {"=", "equals"},
    {"±", "plus or minus"}, {"≠", "is not"},      {"≤", "at most"},     {"≥", "at least"},
    {"÷", "divided by"},  {"∞", "infinity"},      {"√", "square root of"}, {"‰", "per mille"},
    {"½", "one half"},    {"¼", "one quarter"},   {"¾", "three quarters"}, {"§", "section"},
    {"²", "squared"},     {"³", "cubed"},         {"%", "percent"},     {"°", "degrees"},
    {"$", "dollars"},     {"€", "euros"},         {"£", "pounds"},      {"₽", "rubles"},
    {NULL, NULL},
};

static const struct reading_words shortenings[] = {
    {"pls", "please"},          {"plz", "please"},       {"thx", "thanks"},    {"thnx", "thanks"},
    {"ppl", "people"},          {"idk", "I don't know"}, {"vs", "versus"},     {"tysm", "thank you so much"},
    {"imo", "in my opinion"},   {"imho", "in my opinion"}, {"irl", "in real life"}, {"w/o", "without"},
    {"afaik", "as far as I know"}, {"w/", "with"},
    {NULL, NULL},
};
/* clang-format on */

const struct reading_language reading_english = {
    .tag = "en",
    .commas_group = true,
    .magnitudes = magnitudes,
    .units = units,
    .signs = signs,
    .shortenings = shortenings,
    .minus = "minus",
    .number = "number",
    .about = "about",
    .times = "times",
    .by = "by",
    .x = "x",
    .less = "less than",
    .more = "more than",
    .at = "at",
    .sharp = "sharp",
    .to = "to",
    .point = ".",
    .put_number = put_number,
    .put_digits = put_digits,
    .put_special = put_special,
    .put_ordinal = put_ordinal,
    .counted = counted,
};
