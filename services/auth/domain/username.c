/* SPDX-License-Identifier: MIT */
#include "services/auth/domain/username.h"

#include "lib/base/text.h"

#define LENGTH_MIN 2
#define LENGTH_MAX 64

const char *username_fold(struct arena *arena, const char *text)
{
    char *name = text_trim(arena, text);
    text_lower(name);
    char *end = name;
    for (const char *c = name; *c; c++) {
        if (*c != '@')
            *end++ = *c;
    }
    *end = '\0';

    size_t length = strlen(name);
    bool fits = length >= LENGTH_MIN && length <= LENGTH_MAX &&
                strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-") == length;
    return fits ? name : NULL;
}
