/* SPDX-License-Identifier: MIT */
#include "services/media/domain/reading_case.h"

#include "lib/base/text.h"
#include "services/media/domain/letters.h"
#include "services/media/domain/scripts.h"

#define ABBREVIATION_MAX 4 /* letters */
#define SHOUT_WORDS 3
#define REPEATS_MAX 3
#define SYLLABLE_MAX 4
#define WORD_MAX 40 /* the longest that people use have about 30 */

/* Words in capitals with nothing but signs, spaces and digits between them. */
struct shout {
    size_t size;      /* in bytes, up to the end of the last word */
    size_t seen;      /* up to the next word that is not in capitals, or the end */
    unsigned words;   /* of two letters and more */
    unsigned longest; /* in letters */
};

struct word {
    size_t size; /* in bytes; 0: there is none */
    unsigned letters;
    bool is_capital; /* all of it */
};

static struct word measure_word(const char *text, size_t left)
{
    struct word word = {.is_capital = true};
    uint32_t letter;
    for (size_t bytes; word.size < left; word.size += bytes) {
        bytes = text_utf8_decode(text + word.size, left - word.size, &letter);
        if (!letter_is_one(letter))
            break;
        word.letters++;
        word.is_capital &= letter_is_capital(letter);
    }
    return word;
}

static struct shout measure_shout(const char *text, size_t left)
{
    struct shout shout = {0};
    while (shout.seen < left) {
        const char *rest = text + shout.seen;
        struct word word = measure_word(rest, left - shout.seen);
        if (!word.is_capital)
            break;
        uint32_t sign;
        shout.seen += word.size > 0 ? word.size : text_utf8_decode(rest, left - shout.seen, &sign);
        if (word.size == 0)
            continue;
        shout.size = shout.seen;
        shout.words += word.letters > 1;
        if (word.letters > shout.longest)
            shout.longest = word.letters;
    }
    return shout;
}

static void add_lowered(struct buffer *out, const char *text, size_t size)
{
    uint32_t letter;
    for (size_t at = 0, bytes; at < size; at += bytes) {
        bytes = text_utf8_decode(text + at, size - at, &letter);
        text_utf8_append(out, letter_lower(letter));
    }
}

const char *reading_calm(struct arena *arena, const char *text)
{
    size_t left = strlen(text);
    AUTO_BUFFER(out, left + 1);
    bool is_first = true;
    while (left > 0) {
        struct shout shout = measure_shout(text, left);
        bool is_whole = is_first && shout.seen == left && shout.words > 1;
        size_t size = shout.seen + measure_word(text + shout.seen, left - shout.seen).size;
        if (is_whole || shout.longest > ABBREVIATION_MAX || shout.words >= SHOUT_WORDS)
            add_lowered(&out, text, shout.size);
        else
            buffer_add(&out, text, shout.size);
        buffer_add(&out, text + shout.size, size - shout.size);
        text += size;
        left -= size;
        is_first = false;
    }
    return arena_text(arena, buffer_text(&out));
}

#define WINDOW (SYLLABLE_MAX * (REPEATS_MAX + 1))

/* The end of the word that is being written, in small letters. */
struct tail {
    uint32_t letters[WINDOW];
    size_t bytes[WINDOW];
    size_t count;
};

/* Whether the last letters are one syllable of that size over and over, once too often. */
static bool repeats_too_often(const struct tail *tail, size_t syllable)
{
    size_t needed = syllable * (REPEATS_MAX + 1);
    if (tail->count < needed)
        return false;
    const uint32_t *letters = tail->letters + tail->count - needed;
    for (size_t i = syllable; i < needed; i++)
        if (letters[i] != letters[i - syllable])
            return false;
    return true;
}

static void push(struct tail *tail, uint32_t letter, size_t bytes)
{
    if (tail->count == WINDOW) {
        tail->count--;
        memmove(tail->letters, tail->letters + 1, tail->count * sizeof(*tail->letters));
        memmove(tail->bytes, tail->bytes + 1, tail->count * sizeof(*tail->bytes));
    }
    tail->letters[tail->count] = letter_lower(letter);
    tail->bytes[tail->count++] = bytes;
}

/* Takes the last syllable back where there are too many. */
static void cut_laughter(struct buffer *out, struct tail *tail)
{
    for (size_t syllable = 2; syllable <= SYLLABLE_MAX; syllable++) {
        if (!repeats_too_often(tail, syllable))
            continue;
        for (size_t i = 0; i < syllable; i++)
            out->size -= tail->bytes[--tail->count];
        out->data[out->size] = '\0';
        return;
    }
}

/* Other scripts may have no spaces between their words. */
static bool is_spaced(uint32_t letter)
{
    return script_of(letter) & (SCRIPT_LATIN | SCRIPT_CYRILLIC | SCRIPT_GREEK);
}

const char *reading_shorten(struct arena *arena, const char *text)
{
    size_t size = strlen(text);
    AUTO_BUFFER(out, size + 1);
    struct tail tail = {.count = 0};
    size_t letters = 0;
    uint32_t letter;
    for (size_t at = 0, bytes; at < size; at += bytes) {
        bytes = text_utf8_decode(text + at, size - at, &letter);
        bool is_letter = letter_is_one(letter);
        letters = is_letter ? letters + 1 : 0;
        if (!is_letter)
            tail.count = 0;
        else if (letters > WORD_MAX && is_spaced(letter))
            continue;
        buffer_add(&out, text + at, bytes);
        if (!is_letter)
            continue;
        push(&tail, letter, bytes);
        size_t before = tail.count;
        cut_laughter(&out, &tail);
        letters -= before - tail.count;
    }
    return arena_text(arena, buffer_text(&out));
}
