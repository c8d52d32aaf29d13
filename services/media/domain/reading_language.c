/* SPDX-License-Identifier: MIT */
#include "services/media/domain/reading_language.h"

#include "lib/base/text.h"
#include "services/media/domain/letters.h"

void reading_put(struct buffer *out, const char *words)
{
    if (!*words)
        return;
    buffer_add_char(out, ' ');
    buffer_add_text(out, words);
    buffer_add_char(out, ' ');
}

size_t reading_digits(const char *text)
{
    return strspn(text, "0123456789");
}

unsigned reading_value(const char *digits, size_t count)
{
    unsigned value = 0;
    for (size_t i = 0; i < count; i++)
        value = value * 10 + (unsigned)(digits[i] - '0');
    return value;
}

static size_t decode(const char *text, uint32_t *ret_code_point)
{
    *ret_code_point = 0;
    return *text ? text_utf8_decode(text, strnlen(text, 4), ret_code_point) : 0;
}

/* Bytes of text that are word, of that size, in capitals or not; 0 when it is another. */
static size_t match(const char *text, const char *word, size_t size)
{
    size_t at = 0;
    for (size_t i = 0; i < size;) {
        uint32_t expected, letter;
        i += decode(word + i, &expected);
        at += decode(text + at, &letter);
        if (letter != expected && letter_lower(letter) != letter_lower(expected))
            return 0;
    }
    return at;
}

static bool letter_follows(const char *text)
{
    uint32_t next;
    decode(text, &next);
    return letter_is_one(next);
}

size_t reading_word_size(const char *text, const char *word)
{
    size_t size = match(text, word, strlen(word));
    return size > 0 && !letter_follows(text + size) ? size : 0;
}

bool reading_has_word(const char *text, const char *word)
{
    return reading_word_size(text, word) > 0;
}

/* It ends none when a small letter follows. */
size_t reading_point_size(const char *text)
{
    if (text[0] != '.')
        return 0;
    uint32_t next;
    decode(text + 1 + (text[1] == ' '), &next);
    bool is_small = letter_is_one(next) && !letter_is_capital(next);
    return is_small ? 1 : 0;
}

/* Bytes of spelling at text, 0 if it is not there. One letter of ASCII counts as it is written. */
static size_t spelling_size(const char *text, const char *spelling, size_t spelled)
{
    size_t size = match(text, spelling, spelled);
    if (size == 0 || (spelled == 1 && *text != *spelling))
        return 0;
    uint32_t first;
    decode(spelling, &first);
    if (!letter_is_one(first))
        return letter_follows(spelling + spelled - 1) && letter_follows(text + size) ? 0 : size;
    bool goes_on = letter_follows(text + size) || reading_digits(text + size) > 0;
    return goes_on ? 0 : size + reading_point_size(text + size);
}

const struct reading_unit *reading_find_unit(const struct reading_unit *units, const char *text,
                                             size_t *ret_size)
{
    size_t space = *text == ' ';
    for (; units->spellings; units++) {
        const char *spelling = units->spellings;
        while (*spelling) {
            size_t spelled = strcspn(spelling, " ");
            size_t size = spelling_size(text + space, spelling, spelled);
            if (size > 0) {
                *ret_size = space + size;
                return units;
            }
            spelling += spelled;
            spelling += strspn(spelling, " ");
        }
    }
    *ret_size = 0;
    return NULL;
}

bool reading_find_chain(const char *text, char sign, struct reading_chain *ret_chain)
{
    struct reading_chain chain = {0};
    while (chain.count < READING_CHAIN_MAX) {
        size_t digits = reading_digits(text + chain.size);
        if (digits == 0 || digits > 4)
            return false;
        chain.values[chain.count] = reading_value(text + chain.size, digits);
        chain.digits[chain.count++] = digits;
        chain.size += digits;
        if (text[chain.size] != sign || reading_digits(text + chain.size + 1) == 0)
            break;
        chain.size++;
    }
    bool goes_on = text[chain.size] == sign && reading_digits(text + chain.size + 1) > 0;
    *ret_chain = chain;
    return chain.count > 1 && !goes_on && reading_digits(text + chain.size) == 0;
}
