/* SPDX-License-Identifier: MIT */
#include "services/media/domain/lookalikes.h"

#include "lib/base/text.h"
#include "services/media/domain/scripts.h"

/* Source: Unicode Technical Standard 39, confusables; of those the ones that look quite alike. */
static uint32_t cyrillic_of(uint32_t latin)
{
    static const struct {
        char latin;
        uint16_t cyrillic;
    } pairs[] = {
        {'A', 0x0410}, {'B', 0x0412}, {'C', 0x0421}, {'E', 0x0415}, {'H', 0x041D}, {'I', 0x0406},
        {'K', 0x041A}, {'M', 0x041C}, {'O', 0x041E}, {'P', 0x0420}, {'T', 0x0422}, {'X', 0x0425},
        {'Y', 0x0423}, {'a', 0x0430}, {'c', 0x0441}, {'e', 0x0435}, {'i', 0x0456}, {'o', 0x043E},
        {'p', 0x0440}, {'x', 0x0445}, {'y', 0x0443},
    };
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
        if ((unsigned char)pairs[i].latin == latin)
            return pairs[i].cyrillic;
    return 0;
}

struct word {
    size_t size; /* in bytes */
    bool has_cyrillic;
    bool has_latin;
    bool has_other_latin; /* that looks like no Cyrillic letter */
};

/* The letters at text, of both scripts. */
static struct word measure(const char *text, size_t left)
{
    struct word word = {0};
    while (word.size < left) {
        uint32_t letter;
        size_t bytes = text_utf8_decode(text + word.size, left - word.size, &letter);
        uint32_t script = script_of(letter);
        if (script != SCRIPT_LATIN && script != SCRIPT_CYRILLIC)
            break;
        word.has_cyrillic |= script == SCRIPT_CYRILLIC;
        word.has_latin |= script == SCRIPT_LATIN;
        word.has_other_latin |= script == SCRIPT_LATIN && !cyrillic_of(letter);
        word.size += bytes;
    }
    return word;
}

static void fold(struct buffer *out, const char *word, size_t size)
{
    uint32_t letter;
    for (size_t at = 0, bytes; at < size; at += bytes) {
        bytes = text_utf8_decode(word + at, size - at, &letter);
        uint32_t cyrillic = cyrillic_of(letter);
        text_utf8_append(out, cyrillic ? cyrillic : letter);
    }
}

const char *lookalikes_fold(struct arena *arena, const char *text)
{
    size_t left = strlen(text);
    bool is_changed = false;
    AUTO_BUFFER(out, 2 * left + 1);
    while (left > 0) {
        uint32_t letter;
        struct word word = measure(text, left);
        size_t bytes = word.size > 0 ? word.size : text_utf8_decode(text, left, &letter);
        if (word.has_cyrillic && word.has_latin && !word.has_other_latin) {
            fold(&out, text, bytes);
            is_changed = true;
        } else {
            buffer_add(&out, text, bytes);
        }
        text += bytes;
        left -= bytes;
    }
    return is_changed ? arena_text(arena, buffer_text(&out)) : text - out.size;
}
