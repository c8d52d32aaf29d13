/* SPDX-License-Identifier: MIT */
#include "services/media/domain/reading_number.h"

#include "lib/base/text.h"

#define GROUP 3        /* digits between separators */
#define LONG_DIGITS 10 /* nobody counts so far without separators */

/* How a number stands in the text. */
struct shape {
    size_t whole;    /* bytes, separators included */
    size_t fraction; /* digits after a point or comma; 0: none */
    bool is_grouped;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Bytes of "1 000 000" or "1,000", 0 when sign divides no groups. *ret_groups: those after the
 * first. */
static size_t measure_groups(const char *text, char sign, size_t *ret_groups)
{
    size_t at = reading_digits(text);
    *ret_groups = 0;
    if (at > GROUP || *text == '0')
        return 0;
    while (text[at] == sign && reading_digits(text + at + 1) == GROUP) {
        at += 1 + GROUP;
        ++*ret_groups;
    }
    bool has_more = (text[at] == sign || text[at] == '-') && is_digit(text[at + 1]);
    return *ret_groups > 0 && !has_more ? at : 0;
}

/* "192.168.100.200" is an address. */
static bool is_address(const char *text, size_t groups)
{
    if (groups != 3)
        return false;
    for (size_t i = 0; i <= groups; i++) {
        size_t digits = reading_digits(text);
        if (reading_value(text, digits) > 255 || (digits > 1 && *text == '0'))
            return false;
        text += digits + 1;
    }
    return true;
}

/* A single group after the first may be something else: a list, a fraction. */
static bool is_sure(const struct reading_language *language, const char *text, size_t size,
                    char sign)
{
    const char *last = text + size - GROUP;
    bool is_round = memcmp(last, "000", GROUP) == 0;
    size_t unit;
    switch (sign) {
    case '\'':
        return true;
    case ',':
        return is_round || (language && language->commas_group);
    case '.':
        return is_round && language && !language->commas_group;
    default:
        return is_round || (last[1] == '0' && last[2] == '0' && size < 2 * GROUP + 1) ||
               (language && reading_find_unit(language->units, text + size, &unit));
    }
}

static size_t find_groups(const struct reading_language *language, const char *text)
{
    static const char signs[] = " ,.'";
    for (const char *sign = signs; *sign; sign++) {
        size_t groups;
        size_t size = measure_groups(text, *sign, &groups);
        if (size == 0 || (*sign == '.' && is_address(text, groups)))
            continue;
        if (groups > 1 || is_sure(language, text, size, *sign))
            return size;
    }
    return 0;
}

static struct shape measure(const struct reading_language *language, const char *text)
{
    struct shape shape = {.whole = find_groups(language, text)};
    shape.is_grouped = shape.whole > 0;
    if (!shape.is_grouped)
        shape.whole = reading_digits(text);
    const char *rest = text + shape.whole;
    if (*rest != '.' && *rest != ',')
        return shape;
    size_t digits = reading_digits(rest + 1);
    const char *end = rest + 1 + digits;
    bool has_more = (*end == '.' || *end == ',') && is_digit(end[1]);
    shape.fraction = has_more ? 0 : digits;
    return shape;
}

/* Digits of text's first bytes; what is too much is left out. */
static void copy_digits(char *out, const char *text, size_t bytes)
{
    size_t count = 0;
    for (size_t i = 0; i < bytes && count < READING_DIGITS_MAX; i++)
        if (is_digit(text[i]))
            out[count++] = text[i];
    out[count] = '\0';
}

static const struct reading_unit *find_magnitude(const struct reading_language *language,
                                                 const char *text, size_t *ret_size)
{
    const struct reading_unit *unit = reading_find_unit(language->magnitudes, text, ret_size);
    if (!unit || *text != ' ')
        return unit;
    /* "5 к 1" is not five thousand. */
    unsigned letters = 0;
    for (size_t i = 1; i < *ret_size; i++)
        letters += (text[i] & 0xC0) != 0x80;
    return letters > 2 ? unit : NULL;
}

/* "10.50" of money: two counts. */
static bool put_change(struct buffer *out, const struct reading_language *language,
                       const struct reading_number *number, const struct reading_unit *unit)
{
    if (!unit->may_lead || strlen(number->fraction) != 2)
        return false;
    bool is_even = text_equal(number->fraction, "00");
    if (!is_even && !unit->hundredth)
        return false;
    struct reading_number whole = {0};
    memcpy(whole.whole, number->whole, sizeof(whole.whole));
    struct reading_number change = {0};
    memcpy(change.whole, number->fraction + (*number->fraction == '0'), 2);
    if (!text_equal(whole.whole, "0") || is_even)
        language->put_number(out, &whole, &unit->noun);
    if (!is_even)
        language->put_number(out, &change, unit->hundredth);
    return true;
}

/* The number with its unit. Returns the bytes of rest that belong to it. */
static size_t put_count(struct buffer *out, const struct reading_language *language,
                        const struct reading_number *number, const char *rest,
                        const struct reading_unit *leading)
{
    size_t size;
    const struct reading_unit *magnitude = find_magnitude(language, rest, &size);
    size_t taken = magnitude ? size : 0;
    const struct reading_unit *unit = leading;
    if (!unit) {
        unit = reading_find_unit(language->units, rest + taken, &size);
        taken += unit ? size : 0;
    }
    if (magnitude) {
        language->put_number(out, number, &magnitude->noun);
        reading_put(out, unit ? unit->noun.many : "");
    } else if (!unit) {
        const struct reading_noun *noun = *rest == ' ' ? language->counted(rest + 1) : NULL;
        language->put_number(out, number, noun);
    } else if (!put_change(out, language, number, unit)) {
        language->put_number(out, number, &unit->noun);
    }
    return taken;
}

static bool goes_on(const char *text, char sign)
{
    return text[0] == sign && is_digit(text[1]);
}

/* Three numbers or more with sign between them. */
static bool is_chain(const char *text, char sign)
{
    text += reading_digits(text);
    if (!goes_on(text, sign))
        return false;
    text += 1 + reading_digits(text + 1);
    return goes_on(text, sign);
}

/* "1.2.3", "1,2,3": its numbers one by one. */
static size_t put_chain(struct buffer *out, const struct reading_language *language,
                        const char *text, char sign)
{
    size_t at = 0;
    while (true) {
        struct reading_number number = {0};
        size_t digits = reading_digits(text + at);
        copy_digits(number.whole, text + at, digits);
        language->put_number(out, &number, NULL);
        at += digits;
        if (!goes_on(text + at, sign))
            return at;
        at++;
        if (sign == ',')
            buffer_add_text(out, ", ");
        else if (text_equal(language->point, "."))
            buffer_add_char(out, '.');
        else
            reading_put(out, language->point);
    }
}

size_t reading_put_number(struct buffer *out, const struct reading_language *language,
                          const char *text, const struct reading_unit *leading)
{
    struct shape shape = measure(language, text);
    struct reading_number number = {0};
    copy_digits(number.whole, text, shape.whole);
    if (!language) {
        buffer_add_text(out, number.whole);
        return shape.whole;
    }
    size_t special = leading || shape.is_grouped ? 0 : language->put_special(out, text);
    if (special > 0)
        return special;
    if (!shape.is_grouped && (is_chain(text, '.') || is_chain(text, ',')))
        return put_chain(out, language, text, text[reading_digits(text)]);
    const char *rest = text + shape.whole;
    bool is_code = shape.whole >= LONG_DIGITS || (*text == '0' && shape.whole > 1);
    if (!shape.is_grouped && shape.fraction == 0 && is_code) {
        language->put_digits(out, number.whole);
        return shape.whole;
    }
    size_t size;
    if (shape.fraction > 0) {
        copy_digits(number.fraction, rest + 1, shape.fraction);
        rest += 1 + shape.fraction;
    } else if (!leading && !shape.is_grouped &&
               language->put_ordinal(out, number.whole, rest, &size)) {
        return shape.whole + size;
    }
    return (size_t)(rest - text) + put_count(out, language, &number, rest, leading);
}
