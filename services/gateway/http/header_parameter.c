/* SPDX-License-Identifier: MIT */
#include "services/gateway/http/header_parameter.h"

#include "lib/base/text.h"

#include <ctype.h>

#define SPACE " \t"

/* Text that is copied while there is room, and counted in any case. */
struct copy {
    char *out;
    size_t size;
    size_t length;
};

static void put(struct copy *copy, char c)
{
    if (copy->length + 1 < copy->size)
        copy->out[copy->length] = c;
    copy->length++;
}

/* Both return what follows the value. */
static const char *read_quoted(const char *at, struct copy *copy)
{
    for (at++; *at && *at != '"'; at++) {
        if (*at == '\\' && (at[1] == '"' || at[1] == '\\'))
            at++;
        put(copy, *at);
    }
    return *at ? at + 1 : at;
}

static const char *read_token(const char *at, struct copy *copy)
{
    const char *end = at + strcspn(at, ";");
    size_t length = (size_t)(end - at);
    while (length > 0 && strchr(SPACE, at[length - 1]))
        length--;
    for (size_t i = 0; i < length; i++)
        put(copy, at[i]);
    return end;
}

static const char *read_value(const char *at, struct copy *copy)
{
    at += strspn(at, SPACE);
    return *at == '"' ? read_quoted(at, copy) : read_token(at, copy);
}

static bool is_named(const char *at, size_t length, const char *name)
{
    return length == strlen(name) && strncasecmp(at, name, length) == 0;
}

enum status header_parameter(const char *value, const char *name, char *out, size_t size)
{
    struct copy nowhere = {0};
    struct copy found = {out, size, 0};
    out[0] = '\0';
    const char *at = strchr(value, ';');
    while (at) {
        at += strspn(at, SPACE ";");
        size_t length = strcspn(at, "=;" SPACE);
        const char *after = at + length + strspn(at + length, SPACE);
        bool is_wanted = is_named(at, length, name) && *after == '=';
        if (*after == '=')
            after = read_value(after + 1, is_wanted ? &found : &nowhere);
        if (is_wanted) {
            bool fits = found.length < size;
            out[fits ? found.length : 0] = '\0';
            return fits ? STATUS_OK : STATUS_TOO_LARGE;
        }
        at = strchr(after, ';');
    }
    return STATUS_NOT_FOUND;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return isxdigit((unsigned char)c) ? (c | 0x20) - 'a' + 10 : -1;
}

void header_parameter_decode(char *text)
{
    const char *language = strchr(text, '\'');
    const char *from = language ? strchr(language + 1, '\'') : NULL;
    if (!from)
        return;
    char *to = text;
    for (from++; *from; from++) {
        int high = *from == '%' ? hex_value(from[1]) : -1;
        int low = high >= 0 ? hex_value(from[2]) : -1;
        int byte = low >= 0 ? high * 16 + low : 0;
        *to++ = byte > 0 ? (char)byte : *from;
        if (byte > 0)
            from += 2;
    }
    *to = '\0';
}
