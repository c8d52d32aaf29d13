/* SPDX-License-Identifier: MIT */
#include "services/license/domain/keys.h"

#include "lib/base/text.h"

#define PREFIX_MAX 10

static const char alphabet[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

const char *key_make(struct arena *arena, const char *prefix, const unsigned char random[12])
{
    char groups[3][5] = {{0}};
    for (size_t i = 0; i < 12; i++)
        groups[i / 4][i % 4] = alphabet[random[i] % 32]; /* 256 is a multiple of 32: no bias */
    return arena_printf(arena, "%s-%s-%s-%s", prefix, groups[0], groups[1], groups[2]);
}

const char *key_normalise(struct arena *arena, const char *text)
{
    char *key = text_trim(arena, text);
    text_upper(key);
    return key;
}

static bool is_letter_or_digit(uint32_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

const char *key_prefix(struct arena *arena, const char *text)
{
    if (text_is_blank(text))
        return NULL;
    char *prefix = text_trim(arena, text);
    text_upper(prefix);
    const char *rest = prefix;
    const char *end = prefix + strlen(prefix);
    size_t length = 0;
    for (int i = 0; i < PREFIX_MAX && rest < end; i++) {
        uint32_t character;
        rest += text_utf8_decode(rest, (size_t)(end - rest), &character);
        if (is_letter_or_digit(character))
            prefix[length++] = (char)character;
    }
    prefix[length] = '\0';
    return length > 0 ? prefix : NULL;
}
