/* SPDX-License-Identifier: MIT */
#include "lib/base/spoken.h"

#include "lib/base/spoken_chars.h"
#include "lib/base/spoken_link.h"
#include "lib/base/text.h"

#define RUN_MAX 3
#define KEYCAP 0x20E3
#define VARIATION_SELECTOR 0xFE0F

/* The result so far. It never outgrows the source: what takes a place is copied, what goes leaves a
 * space at most. */
struct spoken {
    char *text;
    size_t size;
    size_t chars;
    size_t max_chars;
    uint32_t last;
    enum spoken_class last_class;
    unsigned run;     /* how often last stands at the end */
    bool needs_space; /* before the next character */
    bool has_sound;
};

static bool is_digit(uint32_t code_point)
{
    return code_point >= '0' && code_point <= '9';
}

/* False when it would exceed max_chars. */
static bool put(struct spoken *spoken, const char *bytes, size_t size, uint32_t code_point,
                enum spoken_class class)
{
    bool space = spoken->needs_space && spoken->size > 0;
    spoken->needs_space = false;
    bool repeats = !space && spoken->size > 0 && code_point == spoken->last;
    spoken->run = repeats ? spoken->run + 1 : 1;
    if (spoken->run > RUN_MAX && !is_digit(code_point))
        return true;

    size_t chars = spoken->chars + space + 1;
    if (spoken->max_chars > 0 && chars > spoken->max_chars)
        return false;
    if (space)
        spoken->text[spoken->size++] = ' ';
    memcpy(spoken->text + spoken->size, bytes, size);
    spoken->size += size;
    spoken->chars = chars;
    spoken->last = code_point;
    spoken->last_class = class;
    spoken->has_sound |= class == SPOKEN_LETTER;
    return true;
}

static uint32_t peek(const char *text, size_t size)
{
    uint32_t code_point = 0;
    if (size > 0)
        text_utf8_decode(text, size, &code_point);
    return code_point;
}

/* Bytes of a keycap such as 1️⃣: a digit, * or # in a frame; 0 for none. */
static size_t keycap_size(const char *text, size_t size)
{
    if (!is_digit((unsigned char)text[0]) && text[0] != '*' && text[0] != '#')
        return 0;
    size_t at = 1;
    uint32_t code_point = peek(text + at, size - at);
    if (code_point == VARIATION_SELECTOR) {
        at += 3;
        code_point = peek(text + at, size - at);
    }
    return code_point == KEYCAP ? at + 3 : 0;
}

/* A link begins where a word of ASCII does. */
static bool starts_word(const char *text, size_t at)
{
    if (at == 0)
        return true;
    char before = text[at - 1];
    bool in_word = (before >= 'a' && before <= 'z') || (before >= 'A' && before <= 'Z') ||
                   is_digit((unsigned char)before) || strchr("-_.@", before);
    return !in_word;
}

/* Bytes at `at` that are a picture or a link, and go whole. */
static size_t dropped_size(const char *text, size_t size, size_t at,
                           const struct spoken_options *options)
{
    size_t dropped = keycap_size(text + at, size - at);
    if (dropped == 0 && !options->read_links && starts_word(text, at))
        dropped = spoken_link_size(text + at, size - at);
    return dropped;
}

/* Marks need a letter before them, joiners one on both sides. */
static bool is_wanted(const struct spoken *spoken, enum spoken_class class, uint32_t next)
{
    bool after_letter =
        !spoken->needs_space && spoken->size > 0 && spoken->last_class <= SPOKEN_MARK;
    switch (class) {
    case SPOKEN_LETTER:
    case SPOKEN_POINT:
        return true;
    case SPOKEN_MARK:
        return after_letter;
    case SPOKEN_JOINER:
        return after_letter && spoken->last >= 0x80 && next >= 0x80 &&
               spoken_classify(next) <= SPOKEN_MARK;
    default:
        return false;
    }
}

const char *spoken_prepare(struct arena *arena, const char *text,
                           const struct spoken_options *options)
{
    size_t size = strlen(text);
    struct spoken spoken = {.text = arena_alloc(arena, size + 1), .max_chars = options->max_chars};
    size_t bytes;
    for (size_t at = 0; at < size; at += bytes) {
        bytes = dropped_size(text, size, at, options);
        if (bytes > 0) {
            spoken.needs_space = true;
            continue;
        }
        uint32_t code_point;
        bytes = text_utf8_decode(text + at, size - at, &code_point);
        enum spoken_class class = spoken_classify(code_point);
        if (class == SPOKEN_SPACE || class == SPOKEN_EMOJI)
            spoken.needs_space = true;
        if (!is_wanted(&spoken, class, peek(text + at + bytes, size - at - bytes)))
            continue;
        if (!put(&spoken, text + at, bytes, code_point, class))
            break;
    }
    return spoken.has_sound ? spoken.text : NULL;
}
