/* SPDX-License-Identifier: MIT */
/* What reading.c knows of a language: words for numbers, for what is counted, for signs. */
#pragma once

#include "lib/base/buffer.h"

#include <stdbool.h>
#include <stddef.h>

enum reading_gender {
    READING_MASCULINE,
    READING_FEMININE,
    READING_FEMININE_OBJECT, /* "одну минуту" */
    READING_NEUTER,
};

/* Something that is counted, as it goes with 1, with 2, with 5; a fraction takes the form of 2. */
struct reading_noun {
    enum reading_gender gender;
    const char *one, *few, *many;
};

/* What stands after a number: "10 кг", "5к", "100 руб"; money, before it too: "$5". */
struct reading_unit {
    const char *spellings; /* divided by spaces, what begins like another after that: "km/h km" */
    struct reading_noun noun;
    const struct reading_noun *hundredth; /* "10.50": ten dollars, fifty cents; NULL: none */
    bool may_lead;
};

struct reading_words {
    const char *written;
    const char *spoken;
};

#define READING_DIGITS_MAX 24 /* of what nobody would listen to the end, the rest is left out */

struct reading_number {
    char whole[READING_DIGITS_MAX + 1];    /* digits without separators */
    char fraction[READING_DIGITS_MAX + 1]; /* "": none */
};

/* Tables end with an empty row. */
struct reading_language {
    const char *tag;                       /* of BCP 47, the first part */
    bool commas_group;                     /* "1,234" is more than a thousand, else a fraction */
    const struct reading_unit *magnitudes; /* thousands and more */
    const struct reading_unit *units;
    const struct reading_words *signs;       /* read wherever they stand */
    const struct reading_words *shortenings; /* words that are said otherwise; small letters */
    const char *minus, *number, *about, *times, *by, *x, *less, *more, *at, *sharp, *to, *point;

    /* Writes the number, and noun in the form that it needs: NULL for a number alone. */
    void (*put_number)(struct buffer *out, const struct reading_number *number,
                       const struct reading_noun *noun);
    /* Digits that are no quantity: a telephone's, "007". */
    void (*put_digits)(struct buffer *out, const char *digits);
    /* Writes what begins at text with a digit and is no count (a time, a date); returns its bytes,
     * 0 when there is none. */
    size_t (*put_special)(struct buffer *out, const char *text);
    /* Writes whole where rest, which follows it, makes it an ordinal ("2-й", "2nd"), and so much of
     * rest as *ret_size says. */
    bool (*put_ordinal)(struct buffer *out, const char *whole, const char *rest, size_t *ret_size);
    /* What the word at text is counted as, with empty forms, since the word itself follows. NULL:
     * not known. */
    const struct reading_noun *(*counted)(const char *text);
};

extern const struct reading_language reading_russian;
extern const struct reading_language reading_english;

/* Adds words with a space on both sides. */
void reading_put(struct buffer *out, const char *words);

/* How many digits text begins with. */
size_t reading_digits(const char *text);

/* The value of up to 9 digits. */
unsigned reading_value(const char *digits, size_t count);

/* Bytes of that word (or of those words) at text, in capitals or not; 0 when it is another, or goes
 * on. */
size_t reading_word_size(const char *text, const char *word);
bool reading_has_word(const char *text, const char *word);

/* Bytes of the point after an abbreviation, 0 for none and for one that ends the sentence. */
size_t reading_point_size(const char *text);

/* The unit that text begins with, maybe after a space; *ret_size is its bytes with that space, and
 * with the point of an abbreviation that ends no sentence. NULL: none. */
const struct reading_unit *reading_find_unit(const struct reading_unit *units, const char *text,
                                             size_t *ret_size);

#define READING_CHAIN_MAX 3

/* Two or three numbers of one to four digits with the same sign between them: "20:30",
 * "12.05.2024". */
struct reading_chain {
    unsigned values[READING_CHAIN_MAX];
    size_t digits[READING_CHAIN_MAX];
    unsigned count;
    size_t size; /* in bytes */
};

/* False when text begins with none, or one of more numbers. */
bool reading_find_chain(const char *text, char sign, struct reading_chain *ret_chain);
