/* SPDX-License-Identifier: MIT */
#include "services/media/files/range.h"

#include "lib/base/text.h"

#include <strings.h>

/* Up to 18 digits of *text as a number, and past them; false when there are none, or more. */
static bool take_number(const char **text, uint64_t *ret_number)
{
    size_t digits = strspn(*text, "0123456789");
    if (digits == 0 || digits > 18)
        return false;
    *ret_number = 0;
    for (size_t i = 0; i < digits; i++)
        *ret_number = 10 * *ret_number + (uint64_t)((*text)[i] - '0');
    *text += digits;
    return true;
}

/* "-500": the last 500 bytes. */
static enum range_verdict parse_suffix(const char *text, uint64_t size, struct range *ret_range)
{
    uint64_t length;
    if (!take_number(&text, &length) || *text != '\0')
        return RANGE_WHOLE;
    if (length == 0 || size == 0)
        return RANGE_UNSATISFIABLE;
    if (length > size)
        length = size;
    *ret_range = (struct range){size - length, length};
    return RANGE_PART;
}

enum range_verdict range_parse(const char *header, uint64_t size, struct range *ret_range)
{
    static const char unit[] = "bytes=";
    if (!header || strncasecmp(header, unit, strlen(unit)) != 0)
        return RANGE_WHOLE;
    const char *text = header + strlen(unit);
    if (*text == '-')
        return parse_suffix(text + 1, size, ret_range);

    uint64_t first;
    uint64_t last = UINT64_MAX;
    if (!take_number(&text, &first) || *text++ != '-')
        return RANGE_WHOLE;
    if (*text != '\0' && !take_number(&text, &last))
        return RANGE_WHOLE;
    if (*text != '\0' || last < first)
        return RANGE_WHOLE;
    if (first >= size)
        return RANGE_UNSATISFIABLE;
    if (last >= size)
        last = size - 1;
    *ret_range = (struct range){first, last - first + 1};
    return RANGE_PART;
}

bool etag_is_listed(const char *header, const char *tag)
{
    if (!header)
        return false;
    const char *at = header + strspn(header, " \t");
    if (text_equal(at, "*"))
        return true;
    size_t size = strlen(tag);
    for (at = strchr(at, '"'); at; at = strchr(at, '"')) {
        if (strncmp(at, tag, size) == 0)
            return true;
        at = strchr(at + 1, '"'); /* the end of this one */
        if (!at)
            return false;
        at++;
    }
    return false;
}
