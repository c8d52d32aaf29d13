/* SPDX-License-Identifier: MIT */
#include "lib/api/list.h"

struct list list_split(struct arena *arena, const char *text, char separator)
{
    if (!text || !*text)
        return (struct list){0};

    size_t count = 1;
    for (const char *c = text; *c; c++)
        count += *c == separator;
    const char **items = ARENA_ARRAY(arena, const char *, count);
    for (size_t i = 0; i < count; i++) {
        const char *end = strchrnul(text, separator);
        items[i] = arena_text_n(arena, text, (size_t)(end - text));
        text = end + 1;
    }
    return (struct list){items, count};
}

const char *list_join(struct arena *arena, struct list texts, char separator)
{
    const char *const *items = texts.items;
    size_t size = 1;
    for (size_t i = 0; i < texts.count; i++)
        size += strlen(items[i]) + 1;

    char *joined = arena_alloc(arena, size);
    char *end = joined;
    for (size_t i = 0; i < texts.count; i++) {
        if (i > 0)
            *end++ = separator;
        end = stpcpy(end, items[i]);
    }
    return joined;
}
