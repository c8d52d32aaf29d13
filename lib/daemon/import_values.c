/* SPDX-License-Identifier: MIT */
#include "lib/daemon/import_values.h"

#include "lib/base/text.h"

#define NUMBER_SIZE 32

bool import_parse_int(const char *text, int64_t min, int64_t max, int64_t *ret_value)
{
    char whole[NUMBER_SIZE];
    size_t length = strcspn(text, ".");
    const char *fraction = text + length + (text[length] == '.');
    if (length >= sizeof(whole) || fraction[strspn(fraction, "0")] != '\0')
        return false;
    memcpy(whole, text, length);
    whole[length] = '\0';
    return text_parse_int(whole, min, max, ret_value);
}

static bool is_one_of(const char *text, const char *const words[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (text_equal_fold(text, words[i]))
            return true;
    }
    return false;
}

bool import_parse_bool(const char *text, bool *ret_value)
{
    static const char *const yes[] = {"true", "t", "1"};
    static const char *const no[] = {"false", "f", "0"};
    bool is_yes = is_one_of(text, yes, ARRAY_LEN(yes));
    if (!is_yes && !is_one_of(text, no, ARRAY_LEN(no)))
        return false;
    *ret_value = is_yes;
    return true;
}
