/* SPDX-License-Identifier: MIT */
#include "services/media/domain/reading.h"

#include "lib/base/spoken_chars.h"
#include "lib/base/text.h"
#include "services/media/domain/letters.h"
#include "services/media/domain/reading_case.h"
#include "services/media/domain/reading_markup.h"
#include "services/media/domain/reading_number.h"
#include "services/media/domain/reading_sign.h"

#include <strings.h>

#define CYRILLIC_X 0x0445

static const struct reading_language *find_language(const char *lang)
{
    static const struct reading_language *const languages[] = {&reading_russian, &reading_english};
    for (size_t i = 0; lang && i < ARRAY_LEN(languages); i++)
        if (strncasecmp(lang, languages[i]->tag, 2) == 0 && (!lang[2] || strchr("-_", lang[2])))
            return languages[i];
    return NULL;
}

/* Valid UTF-8 without hidden characters, without tags and faces. */
static const char *clean(struct arena *arena, const char *text)
{
    size_t left = strlen(text);
    AUTO_BUFFER(out, left + 1);
    uint32_t before = 0;
    for (size_t bytes; left > 0; text += bytes, left -= bytes) {
        bytes = reading_markup_size(text, before);
        if (bytes > 0) {
            buffer_add_char(&out, ' ');
            before = ' ';
            continue;
        }
        uint32_t code_point;
        bytes = text_utf8_decode(text, left, &code_point);
        enum spoken_class class = spoken_classify(code_point);
        if (class == SPOKEN_SPACE || class == SPOKEN_EMOJI)
            buffer_add_char(&out, ' ');
        else if (class != SPOKEN_HIDDEN && code_point != 0xFFFD)
            buffer_add(&out, text, bytes);
        before = code_point;
    }
    return arena_text(arena, buffer_text(&out));
}

/* A word that is said otherwise; its bytes, 0 when it is none. */
static size_t put_shortening(const struct reading *reading)
{
    uint32_t before = reading_before(reading, reading->text);
    if (!reading->language || letter_is_one(before) || reading_is_digit(before))
        return 0;
    const struct reading_words *row = reading->language->shortenings;
    for (; row->written; row++) {
        size_t size = reading_word_size(reading->text, row->written);
        if (size == 0)
            continue;
        reading_put(reading->out, row->spoken);
        return size + reading_point_size(reading->text + size);
    }
    return 0;
}

/* What an x is read as in front of a number: "5x5", "x2". NULL: as it stands. */
static const char *words_of_x(const struct reading *reading, size_t size)
{
    uint32_t letter = letter_lower(reading_next(reading, reading->text));
    bool is_x = (size == 1 && letter == 'x') || (size == 2 && letter == CYRILLIC_X);
    if (!is_x || !reading->language ||
        !reading_is_digit(reading_next(reading, reading->text + size)))
        return NULL;
    bool is_between = reading_is_digit(reading_before(reading, reading->text));
    return is_between ? reading->language->by : reading->language->x;
}

/* Letters with their marks. */
static size_t word_size(const struct reading *reading)
{
    size_t size = 0;
    size_t left = (size_t)(reading->end - reading->text);
    uint32_t letter;
    for (size_t bytes; size < left; size += bytes) {
        bytes = text_utf8_decode(reading->text + size, left - size, &letter);
        enum spoken_class class = spoken_classify(letter);
        if (!letter_is_one(letter) && class != SPOKEN_MARK && class != SPOKEN_JOINER)
            break;
    }
    return size;
}

/* What stands at the reading's place. Returns its bytes. */
static size_t put_next(const struct reading *reading)
{
    uint32_t next = reading_next(reading, reading->text);
    if (reading_is_digit(next))
        return reading_put_number(reading->out, reading->language, reading->text, NULL);
    size_t size = word_size(reading);
    if (size == 0)
        return reading_put_sign(reading);
    size_t shortening = put_shortening(reading);
    if (shortening > 0)
        return shortening;
    const char *x = words_of_x(reading, size);
    if (x)
        reading_put(reading->out, x);
    else
        buffer_add(reading->out, reading->text, size);
    return size;
}

static bool hugs_left(char c)
{
    return strchr(".,!?:;)", c) != NULL;
}

/* One space at most, none at the ends and before signs that stand close to a word. */
static const char *fold_spaces(struct arena *arena, const char *text)
{
    char *folded = arena_alloc(arena, strlen(text) + 1);
    size_t size = 0;
    for (; *text; text++) {
        bool is_space = *text == ' ';
        bool goes = is_space && (size == 0 || strchr(" (", folded[size - 1]));
        if (!is_space && size > 0 && folded[size - 1] == ' ' && hugs_left(*text))
            size--;
        if (!goes)
            folded[size++] = *text;
    }
    if (size > 0 && folded[size - 1] == ' ')
        size--;
    folded[size] = '\0';
    return folded;
}

const char *reading_prepare(struct arena *arena, const char *lang, const char *text)
{
    AUTO_BUFFER(out, READING_MAX_BYTES(strlen(text)));
    text = clean(arena, text);
    text = reading_calm(arena, reading_shorten(arena, text));
    struct reading reading = {find_language(lang), text, text, text + strlen(text), &out};
    while (reading.text < reading.end && !out.overflowed)
        reading.text += put_next(&reading);
    return fold_spaces(arena, buffer_text(&out));
}
