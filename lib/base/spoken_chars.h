/* SPDX-License-Identifier: MIT */
/* What spoken.c knows of single characters. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum spoken_class {
    SPOKEN_LETTER, /* has a sound: letters and digits of every script */
    SPOKEN_MARK,   /* belongs to the letter before it */
    SPOKEN_POINT,  /* punctuation and signs: kept, but silent by themselves */
    SPOKEN_SPACE,  /* white space of every kind, line ends too */
    SPOKEN_JOINER, /* ZWJ, ZWNJ: needed between letters of some scripts, glue between emoji */
    SPOKEN_EMOJI,  /* pictures, arrows, boxes */
    SPOKEN_HIDDEN, /* control, format and private characters, variation selectors */
};

enum spoken_class spoken_classify(uint32_t code_point);
