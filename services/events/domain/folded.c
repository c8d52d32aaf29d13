/* SPDX-License-Identifier: MIT */
#include "services/events/domain/folded.h"

#include "lib/base/text.h"

#include <unicase.h>

#define GROWTH 4 /* a malformed byte becomes U+FFFD, of three bytes */

/* How much of the text counts: up to the limit, but not a part of a character. */
static size_t size_of(const char *text)
{
    size_t size = strnlen(text, FOLDED_MAX_BYTES);
    for (int i = 0; i < 3 && size > 0 && (text[size] & 0xC0) == 0x80; i++)
        size--;
    return size;
}

static struct slice mend(struct arena *arena, const char *text, size_t size)
{
    if (text_utf8_is_valid(text, size))
        return (struct slice){text, size};
    AUTO_BUFFER(mended, size * GROWTH);
    for (size_t at = 0; at < size;) {
        uint32_t code_point;
        at += text_utf8_decode(text + at, size - at, &code_point);
        text_utf8_append(&mended, code_point);
    }
    return (struct slice){arena_text(arena, buffer_text(&mended)), mended.size};
}

static char *fold(struct arena *arena, const char *text)
{
    struct slice valid = mend(arena, text, size_of(text));
    size_t size = 0;
    AUTO(free) uint8_t *fold = u8_casefold(valid.data, valid.size, NULL, UNINORM_NFKC, NULL, &size);
    if (!fold)
        abort(); /* the text is valid: only memory can be missing */
    return text_trim(arena, arena_text_n(arena, (const char *)fold, size));
}

const char *folded(struct arena *arena, const char *text)
{
    return text ? fold(arena, text) : NULL;
}

const char *folded_name(struct arena *arena, const char *text)
{
    if (!text)
        return NULL;
    char *name = fold(arena, text);
    char *end = name;
    for (const char *c = name; *c; c++) {
        if (*c != '@')
            *end++ = *c;
    }
    *end = '\0';
    return name;
}
