/* SPDX-License-Identifier: MIT */
#include "services/media/domain/scripts.h"

#include "lib/base/text.h"

struct range {
    uint32_t first;
    uint32_t last;
    enum script_index script;
};

/* In rising order. A script's own digits and marks count as its letters; what all scripts share,
 * and all other scripts, count for none. */
static const struct range ranges[] = {
    {0x0041, 0x005A, SCRIPT_INDEX_LATIN},      {0x0061, 0x007A, SCRIPT_INDEX_LATIN},
    {0x00C0, 0x02AF, SCRIPT_INDEX_LATIN},      {0x0370, 0x03FF, SCRIPT_INDEX_GREEK},
    {0x0400, 0x052F, SCRIPT_INDEX_CYRILLIC},   {0x0531, 0x0587, SCRIPT_INDEX_ARMENIAN},
    {0x05D0, 0x05F2, SCRIPT_INDEX_HEBREW},     {0x0620, 0x064A, SCRIPT_INDEX_ARABIC},
    {0x0660, 0x0669, SCRIPT_INDEX_ARABIC},     {0x066E, 0x06D3, SCRIPT_INDEX_ARABIC},
    {0x06D5, 0x06FF, SCRIPT_INDEX_ARABIC},     {0x0750, 0x077F, SCRIPT_INDEX_ARABIC},
    {0x0900, 0x0963, SCRIPT_INDEX_DEVANAGARI}, {0x0966, 0x097F, SCRIPT_INDEX_DEVANAGARI},
    {0x0980, 0x09FE, SCRIPT_INDEX_BENGALI},    {0x0A00, 0x0A7F, SCRIPT_INDEX_GURMUKHI},
    {0x0A80, 0x0AFF, SCRIPT_INDEX_GUJARATI},   {0x0B00, 0x0B7F, SCRIPT_INDEX_ORIYA},
    {0x0B80, 0x0BFF, SCRIPT_INDEX_TAMIL},      {0x0C00, 0x0C7F, SCRIPT_INDEX_TELUGU},
    {0x0C80, 0x0CFF, SCRIPT_INDEX_KANNADA},    {0x0D00, 0x0D7F, SCRIPT_INDEX_MALAYALAM},
    {0x0D80, 0x0DFF, SCRIPT_INDEX_SINHALA},    {0x0E00, 0x0E7F, SCRIPT_INDEX_THAI},
    {0x1000, 0x109F, SCRIPT_INDEX_MYANMAR},    {0x10A0, 0x10FF, SCRIPT_INDEX_GEORGIAN},
    {0x1100, 0x11FF, SCRIPT_INDEX_HANGUL},     {0x1200, 0x139F, SCRIPT_INDEX_ETHIOPIC},
    {0x1C80, 0x1C8F, SCRIPT_INDEX_CYRILLIC},   {0x1C90, 0x1CBF, SCRIPT_INDEX_GEORGIAN},
    {0x1E00, 0x1EFF, SCRIPT_INDEX_LATIN},      {0x1F00, 0x1FFF, SCRIPT_INDEX_GREEK},
    {0x2E80, 0x2FDF, SCRIPT_INDEX_HAN},        {0x3005, 0x3007, SCRIPT_INDEX_HAN},
    {0x3041, 0x30FF, SCRIPT_INDEX_KANA},       {0x3131, 0x318E, SCRIPT_INDEX_HANGUL},
    {0x31F0, 0x31FF, SCRIPT_INDEX_KANA},       {0x3400, 0x9FFF, SCRIPT_INDEX_HAN},
    {0xAC00, 0xD7FF, SCRIPT_INDEX_HANGUL},     {0xF900, 0xFAFF, SCRIPT_INDEX_HAN},
    {0xFB1D, 0xFB4F, SCRIPT_INDEX_HEBREW},     {0xFB50, 0xFDFF, SCRIPT_INDEX_ARABIC},
    {0xFE70, 0xFEFC, SCRIPT_INDEX_ARABIC},     {0xFF21, 0xFF3A, SCRIPT_INDEX_LATIN},
    {0xFF41, 0xFF5A, SCRIPT_INDEX_LATIN},      {0xFF66, 0xFF9F, SCRIPT_INDEX_KANA},
    {0x20000, 0x323AF, SCRIPT_INDEX_HAN},
};

uint32_t script_of(uint32_t code_point)
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
            return 1u << ranges[middle].script;
    }
    return 0;
}

void scripts_count(const char *text, struct script_counts *ret_counts)
{
    struct script_counts counts = {0};
    size_t size = strlen(text);
    uint32_t code_point;
    for (size_t at = 0; at < size; at += text_utf8_decode(text + at, size - at, &code_point)) {
        text_utf8_decode(text + at, size - at, &code_point);
        uint32_t script = script_of(code_point);
        if (script)
            counts.letters[__builtin_ctz(script)]++;
    }
    *ret_counts = counts;
}

unsigned scripts_covered(const struct script_counts *counts, uint32_t set)
{
    unsigned sum = 0;
    for (unsigned i = 0; i < SCRIPT_COUNT; i++)
        if (set & (1u << i))
            sum += counts->letters[i];
    return sum;
}
