/* SPDX-License-Identifier: MIT */
#include "services/media/domain/filename.h"

#include "lib/base/text.h"

#define ALLOWED "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"
#define LENGTH_MAX (FILENAME_SIZE - 1)
#define EXTENSION_MAX 16 /* with its dot */
#define NUMBER_SIZE 16   /* "_4294967295" */
#define NAMELESS "sound"

static const char *last_component(const char *text)
{
    const char *component = text;
    for (; *text; text++)
        if (*text == '/' || *text == '\\')
            component = text + 1;
    return component;
}

const char *filename_extension(const char *text)
{
    const char *dot = strrchr(text, '.');
    if (!dot || dot == text || strlen(dot) > EXTENSION_MAX)
        return text + strlen(text);
    return dot;
}

/* Cleans size bytes of text; out has room for max and a NUL. */
static void clean(const char *text, size_t size, char *out, size_t max)
{
    size_t length = 0;
    for (size_t at = 0; at < size && length < max; length++) {
        uint32_t code_point;
        size_t taken = text_utf8_decode(text + at, size - at, &code_point);
        out[length] = taken == 1 && strchr(ALLOWED, text[at]) ? text[at] : '_';
        at += taken;
    }
    out[length] = '\0';
}

/* As much of the stem as leaves room for the ending. ending and extension are clean. */
static void compose(const char *stem, size_t stem_length, const char *ending, const char *extension,
                    struct filename *out)
{
    size_t room = LENGTH_MAX - strlen(ending) - strlen(extension);
    int length = (int)(stem_length < room ? stem_length : room);
    snprintf(out->text, sizeof(out->text), "%.*s%s%s", length, stem, ending, extension);
}

void filename_clean(const char *text, struct filename *ret_name)
{
    const char *name = last_component(text);
    name += strspn(name, ".");
    if (*name == '\0')
        name = NAMELESS;

    const char *extension = filename_extension(name);
    char stem[FILENAME_SIZE];
    char ending[EXTENSION_MAX + 1];
    clean(name, (size_t)(extension - name), stem, LENGTH_MAX);
    clean(extension, strlen(extension), ending, EXTENSION_MAX);
    compose(stem, strlen(stem), "", ending, ret_name);
}

bool filename_is_clean(const char *text)
{
    size_t length = strlen(text);
    return length > 0 && length <= LENGTH_MAX && *text != '.' && strspn(text, ALLOWED) == length;
}

void filename_number(const struct filename *name, unsigned number, struct filename *ret_name)
{
    if (number < 2) {
        *ret_name = *name;
        return;
    }
    char ending[NUMBER_SIZE];
    snprintf(ending, sizeof(ending), "_%u", number);
    const char *extension = filename_extension(name->text);
    struct filename numbered;
    compose(name->text, (size_t)(extension - name->text), ending, extension, &numbered);
    *ret_name = numbered;
}

void filename_append(struct filename *name, const char *extension)
{
    struct filename whole;
    compose(name->text, strlen(name->text), "", extension, &whole);
    *name = whole;
}
