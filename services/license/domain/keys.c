/* SPDX-License-Identifier: MIT */
#include "services/license/domain/keys.h"

#include "lib/base/text.h"

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
