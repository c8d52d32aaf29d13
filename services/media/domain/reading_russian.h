/* SPDX-License-Identifier: MIT */
/* Russian numbers in words. */
#pragma once

#include "services/media/domain/reading_language.h"

/* The form of noun that goes with the number that digits end: "рубль" with 21, "рублей" with 11. */
const char *russian_form(const struct reading_noun *noun, const char *digits);

/* Up to 15 digits: "сто двадцать одна". */
void russian_put_whole(struct buffer *out, const char *digits, enum reading_gender gender);

/* A number of up to three digits with the zeros before it: "ноль пять". */
void russian_put_group(struct buffer *out, const char *digits, size_t count);

/* Up to 9999: "две тысячи двадцать четвёртого". False for 0 or an ending that is none; ending is a
 * hard adjective's: "ый", "ого", "ая". */
bool russian_put_ordinal(struct buffer *out, unsigned value, const char *ending);

/* Dates, times, ratios; numbers that are ordinals by what follows: of struct reading_language. */
size_t russian_put_special(struct buffer *out, const char *text);
bool russian_put_counted_ordinal(struct buffer *out, const char *whole, const char *rest,
                                 size_t *ret_size);
