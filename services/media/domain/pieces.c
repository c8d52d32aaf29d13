/* SPDX-License-Identifier: MIT */
#include "services/media/domain/pieces.h"

#include "lib/base/spoken_chars.h"
#include "lib/base/text.h"

#include <assert.h>
#include <stdint.h>

#define CHARACTER_MAX 4 /* bytes of one in UTF-8 */

/* The better places to cut come first. */
enum place { PLACE_SENTENCE, PLACE_CLAUSE, PLACE_SPACE, PLACE_COUNT, PLACE_NONE };

static bool is_one_of(uint32_t code_point, const uint32_t *set, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (set[i] == code_point)
            return true;
    return false;
}

static bool ends_sentence(uint32_t code_point)
{
    static const uint32_t signs[] = {'.',    '!',    '?',    0x2026, 0x0589, 0x061F, 0x06D4,
                                     0x0964, 0x0965, 0x104B, 0x1362, 0x3002, 0xFF01, 0xFF1F};
    return is_one_of(code_point, signs, ARRAY_LEN(signs));
}

static bool ends_clause(uint32_t code_point)
{
    static const uint32_t signs[] = {',',    ';',    ':',    0x2013, 0x2014, 0x060C, 0x061B,
                                     0x104A, 0x1363, 0x3001, 0xFF0C, 0xFF1A, 0xFF1B};
    return is_one_of(code_point, signs, ARRAY_LEN(signs));
}

/* Signs from U+3000 on end something wherever they stand; others, before white space only: not the
 * point of 3.14. */
static enum place place_after(uint32_t before, uint32_t sign, uint32_t next)
{
    bool next_is_space = spoken_classify(next) == SPOKEN_SPACE;
    if (spoken_classify(sign) == SPOKEN_SPACE && !next_is_space) {
        if (ends_sentence(before))
            return PLACE_SENTENCE;
        return ends_clause(before) ? PLACE_CLAUSE : PLACE_SPACE;
    }
    if (sign < 0x3000)
        return PLACE_NONE;
    if (ends_sentence(sign) && !ends_sentence(next) && !next_is_space)
        return PLACE_SENTENCE;
    return ends_clause(sign) && !next_is_space ? PLACE_CLAUSE : PLACE_NONE;
}

size_t pieces_next(const char *text, size_t max_bytes)
{
    assert(max_bytes >= CHARACTER_MAX);
    size_t size = strnlen(text, max_bytes + 1);
    if (size <= max_bytes)
        return size;
    size_t ends[PLACE_COUNT] = {0};
    size_t at = 0;
    uint32_t before = 0;
    for (uint32_t sign; at < max_bytes;) {
        size_t bytes = text_utf8_decode(text + at, strnlen(text + at, CHARACTER_MAX), &sign);
        if (at + bytes > max_bytes)
            break;
        at += bytes;
        uint32_t next = 0;
        if (text[at])
            text_utf8_decode(text + at, strnlen(text + at, CHARACTER_MAX), &next);
        enum place place = place_after(before, sign, next);
        if (place != PLACE_NONE)
            ends[place] = at;
        before = sign;
    }
    for (enum place place = 0; place < PLACE_COUNT; place++)
        if (ends[place] > 0)
            return ends[place];
    return at;
}
