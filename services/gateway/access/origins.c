/* SPDX-License-Identifier: MIT */
#include "services/gateway/access/origins.h"

#include "lib/base/text.h"

#define SEPARATORS ", "

/* scheme://host[:port], without a path. */
static bool is_origin(struct slice entry)
{
    const char *text = entry.data;
    const char *colon = memchr(text, ':', entry.size);
    if (!colon || memchr(text, '*', entry.size))
        return false;
    size_t scheme = (size_t)(colon - text) + strlen("://");
    return colon > text && scheme < entry.size && memcmp(colon, "://", strlen("://")) == 0 &&
           !memchr(text + scheme, '/', entry.size - scheme);
}

/* The next entry at *cursor, which moves past it; an empty slice at the end. */
static struct slice next_entry(const char **cursor)
{
    const char *start = *cursor + strspn(*cursor, SEPARATORS);
    size_t size = strcspn(start, SEPARATORS);
    *cursor = start + size;
    return (struct slice){start, size};
}

void origins_validate(const char *list, struct buffer *problems)
{
    for (struct slice entry = next_entry(&list); entry.size > 0; entry = next_entry(&list)) {
        if (!is_origin(entry))
            buffer_printf(problems,
                          "ALLOWED_ORIGINS: '%.*s' is no exact origin like https://example.com\n",
                          (int)entry.size, (const char *)entry.data);
    }
}

bool origins_allow(const char *list, const char *origin)
{
    size_t size = strlen(origin);
    for (struct slice entry = next_entry(&list); entry.size > 0; entry = next_entry(&list)) {
        if (entry.size == size && memcmp(entry.data, origin, size) == 0)
            return true;
    }
    return false;
}
