/* SPDX-License-Identifier: MIT */
#include "services/media/speech/pause.h"

#include "lib/base/text.h"

/* Marks of the scripts that our voices read; the ones of each kind are in one text. */
static const char sentence_ends[] = ".!?…。！？．؟।॥։።";
static const char clause_ends[] = ",;:–—،؛、，；：՝·፣";
static const char closing[] = "\"')]}»”’›」』）";

static bool is_among(const char *marks, const char *character, size_t size)
{
    uint32_t wanted;
    text_utf8_decode(character, size, &wanted);
    size_t bytes;
    for (size_t left = strlen(marks); left > 0; left -= bytes, marks += bytes) {
        uint32_t mark;
        bytes = text_utf8_decode(marks, left, &mark);
        if (mark == wanted)
            return true;
    }
    return false;
}

/* Where the last character of text begins. */
static size_t last_character(const char *text, size_t size)
{
    size_t at = size - 1;
    while (at > 0 && ((unsigned char)text[at] & 0xC0) == 0x80)
        at--;
    return at;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The size of text without what closes a sentence after its mark: white space, quotes, brackets. */
static size_t size_to_mark(const char *text)
{
    size_t size = strlen(text);
    while (size > 0) {
        size_t at = last_character(text, size);
        if (!is_space(text[at]) && !is_among(closing, text + at, size - at))
            break;
        size = at;
    }
    return size;
}

static unsigned pause_of_mark(const char *mark, size_t size)
{
    if (is_among(sentence_ends, mark, size))
        return PAUSE_SENTENCE_MS;
    return is_among(clause_ends, mark, size) ? PAUSE_CLAUSE_MS : PAUSE_WORD_MS;
}

unsigned pause_between(const char *before, const char *after)
{
    size_t size = size_to_mark(before);
    if (size == 0 || *after == '\0')
        return 0;
    size_t at = last_character(before, size);
    bool is_apart = is_space(before[strlen(before) - 1]) || is_space(*after);
    bool is_ascii = size - at == 1; /* the marks of other scripts need no space after them */
    unsigned pause = pause_of_mark(before + at, size - at);
    if (is_apart || (pause > PAUSE_WORD_MS && !is_ascii))
        return pause;
    return 0;
}
