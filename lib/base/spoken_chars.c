/* SPDX-License-Identifier: MIT */
#include "lib/base/spoken_chars.h"

#include "lib/base/macros.h"

#include <stddef.h>

struct range {
    uint32_t first;
    uint32_t last;
    enum spoken_class class;
};

/* In rising order; a code point in no range is a letter, so scripts that are new to us are spoken.
 */
static const struct range ranges[] = {
    {0x0000, 0x0008, SPOKEN_HIDDEN},
    {0x0009, 0x000D, SPOKEN_SPACE},
    {0x000E, 0x001F, SPOKEN_HIDDEN},
    {0x0020, 0x0020, SPOKEN_SPACE},
    {0x0021, 0x002F, SPOKEN_POINT},
    {0x003A, 0x0040, SPOKEN_POINT},
    {0x005B, 0x0060, SPOKEN_POINT},
    {0x007B, 0x007E, SPOKEN_POINT},
    {0x007F, 0x0084, SPOKEN_HIDDEN},
    {0x0085, 0x0085, SPOKEN_SPACE},
    {0x0086, 0x009F, SPOKEN_HIDDEN},
    {0x00A0, 0x00A0, SPOKEN_SPACE},
    {0x00A1, 0x00A8, SPOKEN_POINT},
    {0x00A9, 0x00A9, SPOKEN_EMOJI}, /* copyright sign */
    {0x00AB, 0x00AC, SPOKEN_POINT},
    {0x00AD, 0x00AD, SPOKEN_HIDDEN}, /* soft hyphen */
    {0x00AE, 0x00AE, SPOKEN_EMOJI},  /* registered sign */
    {0x00AF, 0x00B4, SPOKEN_POINT},
    {0x00B6, 0x00B9, SPOKEN_POINT},
    {0x00BB, 0x00BF, SPOKEN_POINT},
    {0x00D7, 0x00D7, SPOKEN_POINT},
    {0x00F7, 0x00F7, SPOKEN_POINT},
    {0x0300, 0x034E, SPOKEN_MARK},
    {0x034F, 0x034F, SPOKEN_HIDDEN}, /* combining grapheme joiner */
    {0x0350, 0x036F, SPOKEN_MARK},
    {0x0483, 0x0489, SPOKEN_MARK},
    {0x0591, 0x05BD, SPOKEN_MARK},
    {0x05BE, 0x05BE, SPOKEN_POINT},
    {0x05BF, 0x05C7, SPOKEN_MARK},
    {0x05F3, 0x05F4, SPOKEN_POINT},
    {0x0600, 0x0605, SPOKEN_HIDDEN},
    {0x0609, 0x060F, SPOKEN_POINT},
    {0x0610, 0x061A, SPOKEN_MARK},
    {0x061B, 0x061B, SPOKEN_POINT},
    {0x061C, 0x061C, SPOKEN_HIDDEN},
    {0x061D, 0x061F, SPOKEN_POINT},
    {0x0640, 0x0640, SPOKEN_POINT}, /* tatweel only stretches a word */
    {0x064B, 0x065F, SPOKEN_MARK},
    {0x066A, 0x066D, SPOKEN_POINT},
    {0x0670, 0x0670, SPOKEN_MARK},
    {0x06D4, 0x06D4, SPOKEN_POINT},
    {0x06D6, 0x06DC, SPOKEN_MARK},
    {0x06DD, 0x06DD, SPOKEN_HIDDEN},
    {0x06DF, 0x06E4, SPOKEN_MARK},
    {0x06E7, 0x06E8, SPOKEN_MARK},
    {0x06EA, 0x06ED, SPOKEN_MARK},
    {0x0900, 0x0903, SPOKEN_MARK},
    {0x093A, 0x093C, SPOKEN_MARK},
    {0x093E, 0x094F, SPOKEN_MARK},
    {0x0964, 0x0965, SPOKEN_POINT},
    {0x0E31, 0x0E31, SPOKEN_MARK},
    {0x0E34, 0x0E3A, SPOKEN_MARK},
    {0x0E3F, 0x0E3F, SPOKEN_POINT},
    {0x0E47, 0x0E4E, SPOKEN_MARK},
    {0x115F, 0x1160, SPOKEN_HIDDEN}, /* Hangul fillers */
    {0x1680, 0x1680, SPOKEN_SPACE},
    {0x17B4, 0x17B5, SPOKEN_HIDDEN},
    {0x180B, 0x180F, SPOKEN_HIDDEN},
    {0x1AB0, 0x1AFF, SPOKEN_MARK},
    {0x1DC0, 0x1DFF, SPOKEN_MARK},
    {0x2000, 0x200A, SPOKEN_SPACE},
    {0x200B, 0x200B, SPOKEN_HIDDEN}, /* zero-width space */
    {0x200C, 0x200D, SPOKEN_JOINER},
    {0x200E, 0x200F, SPOKEN_HIDDEN},
    {0x2010, 0x2027, SPOKEN_POINT},
    {0x2028, 0x2029, SPOKEN_SPACE},
    {0x202A, 0x202E, SPOKEN_HIDDEN},
    {0x202F, 0x202F, SPOKEN_SPACE},
    {0x2030, 0x203B, SPOKEN_POINT},
    {0x203C, 0x203C, SPOKEN_EMOJI},
    {0x203D, 0x2048, SPOKEN_POINT},
    {0x2049, 0x2049, SPOKEN_EMOJI},
    {0x204A, 0x205E, SPOKEN_POINT},
    {0x205F, 0x205F, SPOKEN_SPACE},
    {0x2060, 0x206F, SPOKEN_HIDDEN},
    {0x207A, 0x207E, SPOKEN_POINT},
    {0x208A, 0x208E, SPOKEN_POINT},
    {0x20A0, 0x20CF, SPOKEN_POINT},
    {0x20D0, 0x20DF, SPOKEN_MARK},
    {0x20E0, 0x20E0, SPOKEN_EMOJI},
    {0x20E1, 0x20E1, SPOKEN_MARK},
    {0x20E2, 0x20E4, SPOKEN_EMOJI}, /* enclosing frames, the keycap's among them */
    {0x20E5, 0x20FF, SPOKEN_MARK},
    {0x2122, 0x2122, SPOKEN_EMOJI},
    {0x2139, 0x2139, SPOKEN_EMOJI},
    {0x2190, 0x21FF, SPOKEN_EMOJI},
    {0x2200, 0x22FF, SPOKEN_POINT},
    {0x2300, 0x245F, SPOKEN_EMOJI},
    {0x24C2, 0x24C2, SPOKEN_EMOJI},
    {0x2500, 0x27BF, SPOKEN_EMOJI},
    {0x27C0, 0x27EF, SPOKEN_POINT},
    {0x27F0, 0x297F, SPOKEN_EMOJI}, /* arrows, and braille, which chats draw with */
    {0x2980, 0x2AFF, SPOKEN_POINT},
    {0x2B00, 0x2BFF, SPOKEN_EMOJI},
    {0x2E00, 0x2E7F, SPOKEN_POINT},
    {0x3000, 0x3000, SPOKEN_SPACE},
    {0x3001, 0x3004, SPOKEN_POINT},
    {0x3008, 0x3020, SPOKEN_POINT},
    {0x302A, 0x302F, SPOKEN_MARK},
    {0x3030, 0x3030, SPOKEN_EMOJI},
    {0x303D, 0x303D, SPOKEN_EMOJI},
    {0x3099, 0x309A, SPOKEN_MARK},
    {0x30FB, 0x30FB, SPOKEN_POINT},
    {0x3164, 0x3164, SPOKEN_HIDDEN},
    {0x3297, 0x3297, SPOKEN_EMOJI},
    {0x3299, 0x3299, SPOKEN_EMOJI},
    {0xD800, 0xF8FF, SPOKEN_HIDDEN}, /* surrogates and private use */
    {0xFD3E, 0xFD3F, SPOKEN_POINT},
    {0xFDD0, 0xFDEF, SPOKEN_HIDDEN},
    {0xFE00, 0xFE0F, SPOKEN_HIDDEN}, /* variation selectors */
    {0xFE10, 0xFE19, SPOKEN_POINT},
    {0xFE20, 0xFE2F, SPOKEN_MARK},
    {0xFE30, 0xFE6F, SPOKEN_POINT},
    {0xFEFF, 0xFEFF, SPOKEN_HIDDEN},
    {0xFF01, 0xFF0F, SPOKEN_POINT},
    {0xFF1A, 0xFF20, SPOKEN_POINT},
    {0xFF3B, 0xFF40, SPOKEN_POINT},
    {0xFF5B, 0xFF65, SPOKEN_POINT},
    {0xFFA0, 0xFFA0, SPOKEN_HIDDEN},
    {0xFFE0, 0xFFE7, SPOKEN_POINT},
    {0xFFE8, 0xFFEE, SPOKEN_EMOJI},
    {0xFFEF, 0xFFFF, SPOKEN_HIDDEN}, /* U+FFFD too: it stands for a broken byte */
    {0x1D173, 0x1D17A, SPOKEN_HIDDEN},
    {0x1F000, 0x1FBEF, SPOKEN_EMOJI}, /* tiles, cards, flags' letters, pictographs, skin tones */
    {0x1FBFA, 0x1FFFF, SPOKEN_EMOJI},
    {0xE0000, 0x10FFFF, SPOKEN_HIDDEN},
};

enum spoken_class spoken_classify(uint32_t code_point)
{
    size_t low = 0;
    size_t high = ARRAY_LEN(ranges);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (code_point > ranges[middle].last)
            low = middle + 1;
        else if (code_point < ranges[middle].first)
            high = middle;
        else
            return ranges[middle].class;
    }
    return SPOKEN_LETTER;
}
