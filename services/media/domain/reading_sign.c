/* SPDX-License-Identifier: MIT */
#include "services/media/domain/reading_sign.h"

#include "lib/base/text.h"
#include "services/media/domain/letters.h"
#include "services/media/domain/reading_number.h"

#define MINUS_SIGN 0x2212
#define TIMES_SIGN 0xD7
#define ABOUT_SIGN 0x2248

uint32_t reading_next(const struct reading *reading, const char *text)
{
    uint32_t code_point = 0;
    if (text < reading->end)
        text_utf8_decode(text, (size_t)(reading->end - text), &code_point);
    return code_point;
}

uint32_t reading_before(const struct reading *reading, const char *text)
{
    if (text == reading->start)
        return 0;
    do
        text--;
    while (text > reading->start && ((unsigned char)*text & 0xC0) == 0x80);
    return reading_next(reading, text);
}

bool reading_is_digit(uint32_t code_point)
{
    return code_point >= '0' && code_point <= '9';
}

/* A sign and what is around it. */
struct sign {
    uint32_t code_point;
    size_t size; /* in bytes */
    uint32_t before, after;
    uint32_t wide_before, wide_after; /* past a space */
};

static struct sign look_around(const struct reading *reading)
{
    const char *text = reading->text;
    struct sign sign = {.before = reading_before(reading, text)};
    sign.size = text_utf8_decode(text, (size_t)(reading->end - text), &sign.code_point);
    sign.after = reading_next(reading, text + sign.size);
    sign.wide_before = sign.before == ' ' ? reading_before(reading, text - 1) : sign.before;
    sign.wide_after = sign.after == ' ' ? reading_next(reading, text + sign.size + 1) : sign.after;
    return sign;
}

static bool is_between_numbers(const struct sign *sign)
{
    return reading_is_digit(sign->wide_before) && reading_is_digit(sign->wide_after);
}

static bool is_in_word(const struct sign *sign)
{
    return letter_is_one(sign->before) && letter_is_one(sign->after);
}

/* "1-2-3", "123-45-67", "(123) 456-7890" are no ranges. */
static bool is_in_chain(const struct reading *reading, const struct sign *sign)
{
    const char *number = reading->text;
    while (number > reading->start && reading_is_digit((unsigned char)number[-1]))
        number--;
    const char *rest = reading->text + sign->size;
    rest += reading_digits(rest);
    uint32_t before = reading_before(reading, number);
    if (before == ' ')
        before = reading_before(reading, number - 1);
    return before == '-' || before == ')' || *rest == '-';
}

static void put_range(const struct reading *reading, const struct sign *sign)
{
    if (is_in_chain(reading, sign)) {
        buffer_add_text(reading->out, ", ");
        return;
    }
    buffer_add_char(reading->out, ' ');
    reading_put(reading->out, reading->language->to);
}

static void put_dash(const struct reading *reading, const struct sign *sign)
{
    const struct reading_language *language = reading->language;
    bool is_range = reading_is_digit(sign->before) && reading_is_digit(sign->after);
    if (is_range && sign->code_point != MINUS_SIGN) {
        put_range(reading, sign);
        return;
    }
    bool is_minus = sign->code_point == '-' || sign->code_point == MINUS_SIGN;
    bool begins = sign->before == 0 || sign->before == ' ' || sign->before == '(';
    if (is_minus && begins && reading_is_digit(sign->after))
        reading_put(reading->out, language->minus);
    else if (sign->code_point == MINUS_SIGN)
        reading_put(reading->out, is_between_numbers(sign) ? language->minus : "-");
    else if (sign->after == '>' || (reading_is_digit(sign->before) && letter_is_one(sign->after)))
        buffer_add_char(reading->out, ' ');
    else
        buffer_add(reading->out, reading->text, sign->size);
}

static const char *words_of_hash(const struct reading_language *language, const struct sign *sign,
                                 uint32_t before_letter)
{
    if (reading_is_digit(sign->wide_after))
        return language->number;
    /* "C#" */
    bool is_note = sign->before >= 'A' && sign->before <= 'G' && !letter_is_one(before_letter) &&
                   !letter_is_one(sign->after);
    return is_note ? language->sharp : "";
}

/* What is said for signs that depend on what is around them; NULL: not one of them. */
static const char *words_of(const struct reading *reading, const struct sign *sign)
{
    const struct reading_language *language = reading->language;
    switch (sign->code_point) {
    case '@':
        return is_in_word(sign) ? language->at : "";
    case '#':
        return words_of_hash(language, sign,
                             sign->before ? reading_before(reading, reading->text - 1) : 0);
    case '*':
        return is_between_numbers(sign) ? language->times : "";
    case TIMES_SIGN:
        return reading_is_digit(sign->wide_after) ? language->times : "";
    case '~':
    case ABOUT_SIGN:
        return reading_is_digit(sign->wide_after) ? language->about : "";
    case '<':
        return is_between_numbers(sign) ? language->less : "";
    case '>':
        return is_between_numbers(sign) ? language->more : "";
    default:
        return NULL;
    }
}

/* Money before its number. Returns the bytes of both, 0 when there is none. */
static size_t put_money(const struct reading *reading)
{
    size_t size;
    const struct reading_unit *unit =
        reading_find_unit(reading->language->units, reading->text, &size);
    if (!unit || !unit->may_lead)
        return 0;
    size += reading->text[size] == ' ';
    if (!reading_is_digit((unsigned char)reading->text[size]))
        return 0;
    return size + reading_put_number(reading->out, reading->language, reading->text + size, unit);
}

/* A sign of the language's table; of a longer run only "++" is read twice. */
static size_t put_known(const struct reading *reading, const struct sign *sign)
{
    const struct reading_words *row = reading->language->signs;
    while (row->written && !text_starts_with(reading->text, row->written))
        row++;
    if (!row->written)
        return 0;
    size_t run = 1;
    while (strncmp(reading->text + run * sign->size, reading->text, sign->size) == 0)
        run++;
    reading_put(reading->out, row->spoken);
    if (run == 2 && sign->code_point == '+')
        reading_put(reading->out, row->spoken);
    if (text_starts_with(reading->text, "&amp;"))
        return strlen("&amp;");
    return run * sign->size;
}

/* Signs that a voice minds, of ASCII and above. */
static bool is_kept(uint32_t code_point)
{
    static const char kept[] = "\"'(),.!?:;-";
    if (code_point < 0x80)
        return code_point && strchr(kept, (int)code_point);
    bool is_quote =
        code_point == 0xAB || code_point == 0xBB || code_point == 0x2039 || code_point == 0x203A;
    bool is_general = code_point >= 0x2010 && code_point <= 0x2026 && code_point != 0x2022;
    return is_quote || is_general || code_point == 0xA1 || code_point == 0xBF;
}

/* What is left out joins a word that it stands in: "прив*т"; other signs divide. */
static void leave_out(const struct reading *reading, const struct sign *sign)
{
    bool joins = (sign->code_point == '*' || sign->code_point == '~') && is_in_word(sign);
    if (!joins)
        buffer_add_char(reading->out, ' ');
}

/* In a language that we don't know voices read signs their own way, but for marks of layout. */
static size_t put_unknown(const struct reading *reading, const struct sign *sign)
{
    if (sign->code_point < 0x80 && strchr("@#_|\\^`{}[]*~<>", (int)sign->code_point))
        leave_out(reading, sign);
    else
        buffer_add(reading->out, reading->text, sign->size);
    return sign->size;
}

size_t reading_put_sign(const struct reading *reading)
{
    struct sign sign = look_around(reading);
    if (sign.code_point == ' ') {
        buffer_add_char(reading->out, ' ');
        return 1;
    }
    if (!reading->language)
        return put_unknown(reading, &sign);
    bool is_dash = sign.code_point == '-' || sign.code_point == MINUS_SIGN ||
                   sign.code_point == 0x2013 || sign.code_point == 0x2014;
    if (is_dash) {
        put_dash(reading, &sign);
        return sign.size;
    }
    const char *words = words_of(reading, &sign);
    if (words) {
        if (*words)
            reading_put(reading->out, words);
        else
            leave_out(reading, &sign);
        return sign.size;
    }
    size_t size = put_money(reading);
    if (size == 0)
        size = put_known(reading, &sign);
    if (size > 0)
        return size;
    if (is_kept(sign.code_point))
        buffer_add(reading->out, reading->text, sign.size);
    else
        leave_out(reading, &sign);
    return sign.size;
}
