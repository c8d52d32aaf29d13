/* SPDX-License-Identifier: MIT */
/* The scripts that texts to speak are written in, as bits of a set. */
#pragma once

#include <stdint.h>

#define SCRIPT_TABLE(SCRIPT_ROW)                                                                   \
    SCRIPT_ROW(LATIN)                                                                              \
    SCRIPT_ROW(CYRILLIC)                                                                           \
    SCRIPT_ROW(GREEK)                                                                              \
    SCRIPT_ROW(ARMENIAN)                                                                           \
    SCRIPT_ROW(HEBREW)                                                                             \
    SCRIPT_ROW(ARABIC)                                                                             \
    SCRIPT_ROW(DEVANAGARI)                                                                         \
    SCRIPT_ROW(BENGALI)                                                                            \
    SCRIPT_ROW(GURMUKHI)                                                                           \
    SCRIPT_ROW(GUJARATI)                                                                           \
    SCRIPT_ROW(ORIYA)                                                                              \
    SCRIPT_ROW(TAMIL)                                                                              \
    SCRIPT_ROW(TELUGU)                                                                             \
    SCRIPT_ROW(KANNADA)                                                                            \
    SCRIPT_ROW(MALAYALAM)                                                                          \
    SCRIPT_ROW(SINHALA)                                                                            \
    SCRIPT_ROW(THAI)                                                                               \
    SCRIPT_ROW(MYANMAR)                                                                            \
    SCRIPT_ROW(GEORGIAN)                                                                           \
    SCRIPT_ROW(ETHIOPIC)                                                                           \
    SCRIPT_ROW(HANGUL)                                                                             \
    SCRIPT_ROW(KANA)                                                                               \
    SCRIPT_ROW(HAN)

enum script_index {
#define SCRIPT_ROW(name) SCRIPT_INDEX_##name,
    SCRIPT_TABLE(SCRIPT_ROW)
#undef SCRIPT_ROW
        SCRIPT_COUNT
};

enum script {
#define SCRIPT_ROW(name) SCRIPT_##name = 1 << SCRIPT_INDEX_##name,
    SCRIPT_TABLE(SCRIPT_ROW)
#undef SCRIPT_ROW
};

/* The letter's script, 0 for none that we know. */
uint32_t script_of(uint32_t code_point);

/* How many letters of each script a text has. */
struct script_counts {
    unsigned letters[SCRIPT_COUNT];
};

void scripts_count(const char *text, struct script_counts *ret_counts);

/* Letters of the scripts in set. */
unsigned scripts_covered(const struct script_counts *counts, uint32_t set);
