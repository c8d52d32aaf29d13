/* SPDX-License-Identifier: MIT */
#include "services/license/domain/import.h"

#include "lib/base/text.h"

#define KEY_MAX_BYTES 64
#define HINT_BYTES 8

bool import_key_is_sound(const char *key)
{
    for (const char *c = key; *c; c++) {
        if (*c <= ' ' || *c > '~')
            return false;
    }
    return *key && strlen(key) <= KEY_MAX_BYTES;
}

const char *import_key_hint(struct arena *arena, const char *key)
{
    size_t length = strlen(key) / 2;
    if (length > HINT_BYTES)
        length = HINT_BYTES;
    while (((unsigned char)key[length] & 0xC0) == 0x80) /* not within a character */
        length--;
    return arena_printf(arena, "%s…", arena_text_n(arena, key, length));
}

const char *import_status(struct arena *arena, const char *text, bool *ret_is_known)
{
    static const char *const known[] = {"active", "inactive", "revoked"};
    char *status = text_trim(arena, text);
    text_lower(status);
    *ret_is_known = true;
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        if (text_equal(status, known[i]))
            return known[i];
    }
    *ret_is_known = false;
    return "inactive";
}
