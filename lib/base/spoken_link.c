/* SPDX-License-Identifier: MIT */
#include "lib/base/spoken_link.h"

#include "lib/base/spoken_chars.h"
#include "lib/base/text.h"

#include <strings.h>

#define SCHEME_MAX 16
#define HOST_MAX 253

/* Those that a chat names without a path, and that are no words in it. */
static const char *const top_level_domains[] = {
    "com", "net", "org", "ru", "su", "ua", "by", "kz", "io", "tv", "gg", "xyz",
};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_alnum(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9');
}

/* Bytes of "scheme://", 0 when text begins otherwise. */
static size_t scheme_size(const char *text, size_t size)
{
    size_t i = 0;
    while (i < size && i < SCHEME_MAX && (is_alnum(text[i]) || text[i] == '+' || text[i] == '-'))
        i++;
    bool is_scheme = i > 0 && size - i > 3 && memcmp(text + i, "://", 3) == 0;
    return is_scheme ? i + 3 : 0;
}

/* Bytes up to white space, an emoji, a quote, or foreign punctuation. */
static size_t address_size(const char *text, size_t size)
{
    size_t at = 0;
    while (at < size && !strchr("<>\"", text[at])) {
        uint32_t code_point;
        size_t bytes = text_utf8_decode(text + at, size - at, &code_point);
        enum spoken_class class = spoken_classify(code_point);
        if (class == SPOKEN_SPACE || class == SPOKEN_EMOJI)
            break;
        if (class == SPOKEN_POINT && code_point >= 0x80)
            break;
        at += bytes;
    }
    while (at > 0 && strchr(".,!?;:)]}'", text[at - 1]))
        at--;
    return at;
}

static bool is_top_level_domain(const char *label, size_t size)
{
    for (size_t i = 0; i < ARRAY_LEN(top_level_domains); i++) {
        const char *domain = top_level_domains[i];
        if (strlen(domain) == size && strncasecmp(domain, label, size) == 0)
            return true;
    }
    return false;
}

/* Bytes of a host of two labels or more (a name before an @ counts as one); its last label comes
 * out. */
static size_t host_size(const char *text, size_t size, size_t *ret_last_label)
{
    size_t host = 0;
    size_t last_label = 0;
    for (size_t i = 0; i < size && i < HOST_MAX; i++) {
        if (is_alnum(text[i])) {
            host = i + 1;
            continue;
        }
        if (i == 0 || !strchr(".-_@", text[i]))
            break;
        if (text[i] == '.')
            last_label = i + 1;
    }
    if (last_label == 0 || last_label >= host)
        return 0;
    *ret_last_label = last_label;
    return host;
}

static bool is_word(const char *text, size_t size)
{
    size_t i = 0;
    while (i < size && is_letter(text[i]))
        i++;
    return i == size && size >= 2;
}

size_t spoken_link_size(const char *text, size_t size)
{
    if (scheme_size(text, size) > 0 || (size > 4 && strncasecmp(text, "www.", 4) == 0))
        return address_size(text, size);

    size_t last_label = 0;
    size_t host = host_size(text, size, &last_label);
    if (host == 0)
        return 0;
    bool has_path = size - host >= 2 && text[host] == '/' && is_alnum(text[host + 1]);
    if (has_path && is_word(text + last_label, host - last_label))
        return address_size(text, size);
    if (!is_top_level_domain(text + last_label, host - last_label))
        return 0;
    bool goes_on = host < size && strchr("/:?#", text[host]);
    return goes_on ? address_size(text, size) : host;
}
