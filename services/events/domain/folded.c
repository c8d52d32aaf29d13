/* SPDX-License-Identifier: MIT */
#include "services/events/domain/folded.h"

#include "lib/base/text.h"

#include <unicase.h>

#define GROWTH 4 /* a malformed byte becomes U+FFFD, of three bytes */

static const char *mend(struct arena *arena, const char *text)
{
    size_t size = strlen(text);
    if (text_utf8_is_valid(text, size))
        return text;
    AUTO_BUFFER(mended, size * GROWTH);
    for (size_t at = 0; at < size;) {
        uint32_t code_point;
        at += text_utf8_decode(text + at, size - at, &code_point);
        text_utf8_append(&mended, code_point);
    }
    return arena_text(arena, buffer_text(&mended));
}

const char *folded(struct arena *arena, const char *text)
{
    if (!text)
        return NULL;
    const char *valid = mend(arena, text);
    size_t size = 0;
    AUTO(free)
    uint8_t *fold =
        u8_casefold((const uint8_t *)valid, strlen(valid), NULL, UNINORM_NFKC, NULL, &size);
    if (!fold)
        abort(); /* the text is valid: only memory can be missing */
    return text_trim(arena, arena_text_n(arena, (const char *)fold, size));
}

const char *folded_name(struct arena *arena, const char *text)
{
    const char *fold = folded(arena, text);
    if (!fold)
        return NULL;
    char *name = arena_text(arena, fold);
    char *end = name;
    for (const char *c = name; *c; c++) {
        if (*c != '@')
            *end++ = *c;
    }
    *end = '\0';
    return name;
}
