/* SPDX-License-Identifier: MIT */
#include "services/media/domain/letters.h"

#include "lib/base/macros.h"
#include "lib/base/spoken_chars.h"

#include <stddef.h>

/* Where capitals stand step apart, and their small letters `up` above them. */
struct range {
    uint16_t first;
    uint16_t last;
    uint8_t step;
    uint8_t up;
};

/* In rising order. Source: Unicode Character Database, simple case mappings; scripts that chats
 * don't shout in are left out. */
static const struct range ranges[] = {
    {0x0041, 0x005A, 1, 32}, {0x00C0, 0x00D6, 1, 32}, {0x00D8, 0x00DE, 1, 32},
    {0x0100, 0x012E, 2, 1},  {0x0132, 0x0136, 2, 1},  {0x0139, 0x0147, 2, 1},
    {0x014A, 0x0176, 2, 1},  {0x0179, 0x017D, 2, 1},  {0x01A0, 0x01A0, 1, 1},
    {0x01AF, 0x01AF, 1, 1},  {0x0218, 0x021A, 2, 1},  {0x0386, 0x0386, 1, 38},
    {0x0388, 0x038A, 1, 37}, {0x038C, 0x038C, 1, 64}, {0x038E, 0x038F, 1, 63},
    {0x0391, 0x03A1, 1, 32}, {0x03A3, 0x03AB, 1, 32}, {0x0400, 0x040F, 1, 80},
    {0x0410, 0x042F, 1, 32}, {0x048A, 0x04BE, 2, 1},  {0x04C1, 0x04CD, 2, 1},
    {0x04D0, 0x052E, 2, 1},  {0x0531, 0x0556, 1, 48}, {0x1E00, 0x1E94, 2, 1},
    {0x1EA0, 0x1EFE, 2, 1},
};

#define CAPITAL_I_WITH_DOT 0x0130 /* its small letter is the plain i */

uint32_t letter_lower(uint32_t code_point)
{
    if (code_point == CAPITAL_I_WITH_DOT)
        return 'i';
    size_t low = 0;
    size_t high = ARRAY_LEN(ranges);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct range *range = &ranges[middle];
        if (code_point > range->last)
            low = middle + 1;
        else if (code_point < range->first)
            high = middle;
        else
            return code_point + ((code_point - range->first) % range->step == 0 ? range->up : 0);
    }
    return code_point;
}

bool letter_is_capital(uint32_t code_point)
{
    return letter_lower(code_point) != code_point;
}

bool letter_is_symbol(uint32_t code_point)
{
    return code_point >= 0x2100 && code_point <= 0x214F;
}

bool letter_is_one(uint32_t code_point)
{
    bool is_digit = code_point >= '0' && code_point <= '9';
    return !is_digit && !letter_is_symbol(code_point) && code_point != 0xFFFD &&
           spoken_classify(code_point) == SPOKEN_LETTER;
}
