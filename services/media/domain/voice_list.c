/* SPDX-License-Identifier: MIT */
#include "services/media/domain/voice_list.h"

#include "lib/base/text.h"

#define BLANKS " \t\r\n"
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"
#define SUBTAG_MAX 8

static struct slice trim(struct slice text)
{
    const char *start = text.data;
    while (text.size > 0 && strchr(BLANKS, *start))
        start++, text.size--;
    while (text.size > 0 && strchr(BLANKS, start[text.size - 1]))
        text.size--;
    return (struct slice){start, text.size};
}

/* Text up to the separator or the end; rest begins after it. */
static struct slice split(struct slice text, char separator, struct slice *ret_rest)
{
    const char *end = memchr(text.data, separator, text.size);
    if (!end) {
        *ret_rest = (struct slice){NULL, 0};
        return text;
    }
    size_t size = (size_t)(end - (const char *)text.data);
    *ret_rest = (struct slice){end + 1, text.size - size - 1};
    return (struct slice){text.data, size};
}

static bool is_made_of(struct slice text, const char *characters)
{
    const char *bytes = text.data;
    for (size_t i = 0; i < text.size; i++)
        if (!bytes[i] || !strchr(characters, bytes[i]))
            return false;
    return true;
}

static bool is_name(struct slice text)
{
    return text.size > 0 && text.size <= VOICE_NAME_MAX && is_made_of(text, LETTERS DIGITS "._+/-");
}

static bool is_language(struct slice text)
{
    if (text.size > VOICE_LANG_MAX)
        return false;
    struct slice rest;
    struct slice language = split(text, '-', &rest);
    if (language.size < 2 || language.size > 3 || !is_made_of(language, LETTERS))
        return false;
    while (rest.data) {
        struct slice subtag = split(rest, '-', &rest);
        if (subtag.size == 0 || subtag.size > SUBTAG_MAX || !is_made_of(subtag, LETTERS DIGITS))
            return false;
    }
    return true;
}

static bool has_name(const struct voice_list *list, struct slice name)
{
    for (size_t i = 0; i < list->count; i++)
        if (strlen(list->entries[i].name) == name.size &&
            memcmp(list->entries[i].name, name.data, name.size) == 0)
            return true;
    return false;
}

/* NULL, or what is wrong with it. */
static const char *check(const struct voice_list *list, struct slice name, struct slice lang)
{
    if (!is_name(name))
        return "is no name of a voice: 1 to 64 letters, digits, or . _ + / -";
    if (lang.data && !is_language(lang))
        return "has no language after its =, such as ru or pt-BR";
    if (has_name(list, name))
        return "is named twice";
    return list->count == VOICE_LIST_MAX ? "is one more than the 64 that there may be" : NULL;
}

static void add(struct voice_list *list, struct slice entry, struct buffer *problems)
{
    struct slice lang;
    struct slice name = trim(split(entry, '=', &lang));
    lang = trim(lang);
    const char *problem = check(list, name, lang);
    if (problem) {
        buffer_printf(problems, "\"%.*s\" %s\n", (int)entry.size, (const char *)entry.data,
                      problem);
        return;
    }
    struct voice_entry *added = &list->entries[list->count++];
    memcpy(added->name, name.data, name.size);
    if (lang.size > 0)
        memcpy(added->lang, lang.data, lang.size);
}

enum status voice_list_parse(const char *text, struct voice_list *ret_list, struct buffer *problems)
{
    struct voice_list list = {.count = 0};
    size_t size_before = problems->size;
    struct slice rest = {text, strlen(text)};
    while (rest.data) {
        struct slice entry = trim(split(rest, ',', &rest));
        if (entry.size > 0)
            add(&list, entry, problems);
    }
    if (problems->size > size_before || problems->overflowed)
        return STATUS_INVALID;
    *ret_list = list;
    return STATUS_OK;
}
