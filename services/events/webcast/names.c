/* SPDX-License-Identifier: MIT */
#include "services/events/webcast/names.h"

#include "lib/base/text.h"

#define NAME_MAX_LENGTH 64
#define TIKTOK_NAME_MAX_LENGTH 24
#define PASTED_MAX_BYTES 1024

static const char *skip_prefix(const char *text, const char *prefix)
{
    return text_starts_with(text, prefix) ? text + strlen(prefix) : text;
}

/* Without scheme, host, and what follows the name in an address. */
static void cut_address(char *text)
{
    const char *name = skip_prefix(skip_prefix(text, "https://"), "http://");
    name = skip_prefix(skip_prefix(name, "www."), "tiktok.com/");
    name = skip_prefix(name, "@");
    size_t length = strcspn(name, "?#");
    while (length > 0 && name[length - 1] == '/')
        length--;
    if (length > 5 && strncmp(name + length - 5, "/live", 5) == 0)
        length -= 5;
    memmove(text, name, length);
    text[length] = '\0';
}

const char *webcast_name_normalise(struct arena *arena, const char *text)
{
    if (!text || strlen(text) > PASTED_MAX_BYTES)
        return NULL;
    char *name = text_trim(arena, text);
    text_lower(name);
    cut_address(name);
    size_t length = strlen(name);
    if (length == 0 || length > NAME_MAX_LENGTH ||
        strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_.-") != length)
        return NULL;
    return name;
}

bool webcast_name_is_possible(const char *name)
{
    return strlen(name) <= TIKTOK_NAME_MAX_LENGTH && !strchr(name, '-');
}
