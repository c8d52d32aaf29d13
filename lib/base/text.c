/* SPDX-License-Identifier: MIT */
#include "lib/base/text.h"

#define REPLACEMENT 0xFFFD

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static char lowered(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool text_equal(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

bool text_equal_fold(const char *a, const char *b)
{
    while (*a && lowered(*a) == lowered(*b)) {
        a++;
        b++;
    }
    return lowered(*a) == lowered(*b);
}

bool text_starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool text_is_blank(const char *text)
{
    if (!text)
        return true;
    while (is_space(*text))
        text++;
    return *text == '\0';
}

bool text_equal_constant_time(const void *a, const void *b, size_t size)
{
    const volatile unsigned char *left = a;
    const volatile unsigned char *right = b;
    unsigned char difference = 0;
    for (size_t i = 0; i < size; i++)
        difference |= left[i] ^ right[i];
    return difference == 0;
}

char *text_trim(struct arena *arena, const char *text)
{
    while (is_space(*text))
        text++;
    size_t length = strlen(text);
    while (length > 0 && is_space(text[length - 1]))
        length--;
    return arena_text_n(arena, text, length);
}

size_t text_length_less(const char *text, char last)
{
    size_t length = strlen(text);
    while (length > 0 && text[length - 1] == last)
        length--;
    return length;
}

void text_lower(char *text)
{
    for (; *text; text++)
        *text = lowered(*text);
}

void text_upper(char *text)
{
    for (; *text; text++)
        if (*text >= 'a' && *text <= 'z')
            *text = (char)(*text - ('a' - 'A'));
}

/* The bytes that a sequence with this first byte takes, and the bits that the first byte adds; 0
 * for a byte that starts none. */
static size_t utf8_lead(unsigned char lead, uint32_t *ret_bits)
{
    if (lead >= 0xC2 && lead <= 0xDF) {
        *ret_bits = lead & 0x1F;
        return 2;
    }
    if (lead >= 0xE0 && lead <= 0xEF) {
        *ret_bits = lead & 0x0F;
        return 3;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        *ret_bits = lead & 0x07;
        return 4;
    }
    return 0;
}

static bool utf8_is_malformed(uint32_t code_point, size_t length)
{
    static const uint32_t least[] = {[2] = 0x80, [3] = 0x800, [4] = 0x10000};
    bool is_surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
    return code_point < least[length] || code_point > 0x10FFFF || is_surrogate;
}

size_t text_utf8_decode(const char *text, size_t size, uint32_t *ret_code_point)
{
    const unsigned char *bytes = (const unsigned char *)text;
    *ret_code_point = bytes[0];
    if (bytes[0] < 0x80)
        return 1;

    *ret_code_point = REPLACEMENT;
    uint32_t code_point = 0;
    size_t length = utf8_lead(bytes[0], &code_point);
    if (length == 0 || length > size)
        return 1;
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xC0) != 0x80)
            return 1;
        code_point = code_point << 6 | (bytes[i] & 0x3F);
    }
    if (utf8_is_malformed(code_point, length))
        return 1;
    *ret_code_point = code_point;
    return length;
}

void text_utf8_append(struct buffer *out, uint32_t code_point)
{
    if (code_point < 0x80) {
        buffer_add_char(out, (char)code_point);
        return;
    }
    if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF))
        code_point = REPLACEMENT;

    size_t length = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
    unsigned char bytes[4];
    for (size_t i = length; i-- > 1; code_point >>= 6)
        bytes[i] = 0x80 | (code_point & 0x3F);
    static const unsigned char leads[] = {[2] = 0xC0, [3] = 0xE0, [4] = 0xF0};
    bytes[0] = (unsigned char)(leads[length] | code_point);
    buffer_add(out, bytes, length);
}

bool text_utf8_is_valid(const char *text, size_t size)
{
    for (size_t at = 0; at < size;) {
        uint32_t code_point;
        size_t taken = text_utf8_decode(text + at, size - at, &code_point);
        if (taken == 1 && code_point == REPLACEMENT)
            return false;
        at += taken;
    }
    return true;
}

size_t text_utf8_length(const char *text)
{
    size_t size = strlen(text);
    size_t length = 0;
    for (size_t at = 0; at < size; length++) {
        uint32_t code_point;
        at += text_utf8_decode(text + at, size - at, &code_point);
    }
    return length;
}

bool text_parse_int(const char *text, int64_t min, int64_t max, int64_t *ret_value)
{
    bool is_negative = text[0] == '-';
    const char *digits = text + is_negative;
    if (!*digits)
        return false;

    int64_t value = 0;
    for (; *digits; digits++) {
        if (*digits < '0' || *digits > '9')
            return false;
        int digit = is_negative ? '0' - *digits : *digits - '0';
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, digit, &value))
            return false;
    }
    if (value < min || value > max)
        return false;
    *ret_value = value;
    return true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = lowered(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that "%41" stands for; -1 when text holds no such triple, or %00, which no text can
 * hold. */
static int percent_byte(const char *text, size_t size)
{
    if (size < 3 || text[0] != '%')
        return -1;
    int high = hex_digit(text[1]);
    int low = hex_digit(text[2]);
    if (high < 0 || low < 0 || (high == 0 && low == 0))
        return -1;
    return high * 16 + low;
}

static char *form_decode(struct arena *arena, const char *text, size_t size)
{
    char *decoded = arena_alloc(arena, size + 1);
    size_t length = 0;
    for (size_t at = 0; at < size; at++) {
        int byte = percent_byte(text + at, size - at);
        if (byte >= 0) {
            decoded[length++] = (char)byte;
            at += 2;
            continue;
        }
        decoded[length++] = text[at] == '+' ? ' ' : text[at];
    }
    return decoded;
}

char *text_query_find(struct arena *arena, const char *query, const char *key)
{
    char *found = NULL;
    while (query && *query) {
        size_t pair_size = strcspn(query, "&");
        size_t name_size = strcspn(query, "=&");
        if (text_equal(form_decode(arena, query, name_size), key)) {
            size_t value_at = name_size < pair_size ? name_size + 1 : pair_size;
            found = form_decode(arena, query + value_at, pair_size - value_at);
        }
        query += pair_size;
        query += *query == '&';
    }
    return found;
}

static bool is_unreserved(char c)
{
    char low = lowered(c);
    return (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') || (c && strchr("-._~", c));
}

void text_percent_encode(struct buffer *out, const char *text)
{
    for (; *text; text++) {
        if (is_unreserved(*text))
            buffer_add_char(out, *text);
        else
            buffer_printf(out, "%%%02X", (unsigned char)*text);
    }
}

void text_hex(const void *data, size_t size, char *out)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *bytes = data;
    for (size_t i = 0; i < size; i++) {
        *out++ = digits[bytes[i] >> 4];
        *out++ = digits[bytes[i] & 0x0F];
    }
    *out = '\0';
}
