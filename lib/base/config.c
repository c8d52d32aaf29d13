/* SPDX-License-Identifier: MIT */
#include "lib/base/config.h"
#include "lib/base/text.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>

#define FILE_SUFFIX "_FILE"
#define VARIABLE_SIZE 72
#define SECRET_FILE_MAX 65536

AUTO_DEFINE(FILE *, fclose)

struct variable {
    char name[VARIABLE_SIZE];
    char file[VARIABLE_SIZE + sizeof(FILE_SUFFIX)];
};

/* The state of config_load, for the setting that it is at. */
struct loader {
    const struct config_setting *setting;
    struct variable variable;
    void *member;
    struct buffer *problems;
};

static struct variable variable_of(const struct config_setting *setting)
{
    struct variable variable;
    assert(strlen(setting->name) < VARIABLE_SIZE);
    snprintf(variable.name, sizeof(variable.name), "%s", setting->name);
    text_upper(variable.name);
    snprintf(variable.file, sizeof(variable.file), "%s%s", variable.name, FILE_SUFFIX);
    return variable;
}

static bool is_textual(const struct config_setting *setting)
{
    return setting->type == CONFIG_TEXT || setting->type == CONFIG_SECRET;
}

/* An empty variable counts as one that is not there. */
static const char *environment(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

static bool out_of_range(const struct loader *at, const char *value)
{
    buffer_printf(at->problems, "%s: '%s' is not between %.15g and %.15g\n", at->variable.name,
                  value, at->setting->min, at->setting->max);
    return false;
}

static bool parse_whole(const struct loader *at, const char *value, int64_t most,
                        int64_t *ret_number)
{
    int64_t number;
    if (!text_parse_int(value, INT64_MIN, INT64_MAX, &number)) {
        buffer_printf(at->problems, "%s: '%s' is not a whole number\n", at->variable.name, value);
        return false;
    }
    bool fits = number >= 0 && number <= most;
    if (!fits || (double)number < at->setting->min || (double)number > at->setting->max)
        return out_of_range(at, value);
    *ret_number = number;
    return true;
}

static bool parse_uint(const struct loader *at, const char *value)
{
    int64_t number;
    if (!parse_whole(at, value, UINT_MAX, &number))
        return false;
    *(config_uint_t *)at->member = (config_uint_t)number;
    return true;
}

static bool parse_bytes(const struct loader *at, const char *value)
{
    int64_t number;
    if (!parse_whole(at, value, INT64_MAX, &number))
        return false;
    *(config_bytes_t *)at->member = (config_bytes_t)number;
    return true;
}

static bool parse_real(const struct loader *at, const char *value)
{
    /* strtod also takes white space, hexadecimal and names like "inf". */
    bool is_decimal = strspn(value, "0123456789.+-eE") == strlen(value);
    char *end;
    double number = strtod(value, &end);
    if (!is_decimal || end == value || *end) {
        buffer_printf(at->problems, "%s: '%s' is not a number\n", at->variable.name, value);
        return false;
    }
    if (!(number >= at->setting->min && number <= at->setting->max))
        return out_of_range(at, value);
    *(config_real_t *)at->member = number;
    return true;
}

static bool parse_bool(const struct loader *at, const char *value)
{
    static const struct {
        const char *word;
        bool value;
    } words[] = {{"0", false},  {"1", true},   {"false", false}, {"true", true},
                 {"no", false}, {"yes", true}, {"off", false},   {"on", true}};

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (text_equal_fold(value, words[i].word)) {
            *(config_bool_t *)at->member = words[i].value;
            return true;
        }
    }
    buffer_printf(at->problems, "%s: '%s' is neither 0 nor 1\n", at->variable.name, value);
    return false;
}

/* The value is not quoted in the message, as it may be a secret. */
static bool parse_text(const struct loader *at, const char *value)
{
    size_t length = strlen(value);
    if ((double)length < at->setting->min || (double)length > at->setting->max) {
        buffer_printf(at->problems, "%s: must be %.15g to %.15g bytes long, not %zu\n",
                      at->variable.name, at->setting->min, at->setting->max, length);
        return false;
    }
    char *copy = strdup(value);
    if (!copy)
        abort();
    *(config_text_t *)at->member = copy;
    return true;
}

static bool parse_value(const struct loader *at, const char *value)
{
    switch (at->setting->type) {
    case CONFIG_UINT:
        return parse_uint(at, value);
    case CONFIG_BYTES:
        return parse_bytes(at, value);
    case CONFIG_BOOL:
        return parse_bool(at, value);
    case CONFIG_REAL:
        return parse_real(at, value);
    case CONFIG_TEXT:
    case CONFIG_SECRET:
        return parse_text(at, value);
    }
    abort();
}

static bool load_file(const struct loader *at, const char *path)
{
    AUTO(fclose) FILE *file = fopen(path, "re");
    if (!file) {
        buffer_printf(at->problems, "%s: cannot read '%s': %s\n", at->variable.file, path,
                      strerror(errno));
        return false;
    }
    char content[SECRET_FILE_MAX];
    size_t size = fread(content, 1, sizeof(content), file);
    bool is_usable = !ferror(file) && size < sizeof(content) && !memchr(content, '\0', size);
    if (!is_usable) {
        buffer_printf(at->problems, "%s: '%s' is no text file of less than %d bytes\n",
                      at->variable.file, path, SECRET_FILE_MAX);
        return false;
    }
    if (size > 0 && content[size - 1] == '\n')
        size--;
    content[size] = '\0';
    bool is_good = parse_value(at, content);
    explicit_bzero(content, size);
    return is_good;
}

static bool load_setting(const struct loader *at)
{
    const char *value = environment(at->variable.name);
    const char *path = NULL;
    if (at->setting->type == CONFIG_SECRET)
        path = environment(at->variable.file);
    if (value && path) {
        buffer_printf(at->problems, "%s: both %s and %s are set\n", at->variable.name,
                      at->variable.name, at->variable.file);
        return false;
    }
    if (path)
        return load_file(at, path);
    if (!value)
        value = at->setting->initial;
    if (!value) {
        buffer_printf(at->problems, "%s: must be set (%s)\n", at->variable.name, at->setting->help);
        return false;
    }
    return parse_value(at, value);
}

bool config_load(const struct config_setting *table, size_t count, void *target,
                 struct buffer *problems)
{
    bool is_good = true;
    for (size_t i = 0; i < count; i++) {
        struct loader at = {.setting = &table[i],
                            .variable = variable_of(&table[i]),
                            .member = (char *)target + table[i].offset,
                            .problems = problems};
        if (is_textual(at.setting))
            *(config_text_t *)at.member = NULL;
        if (!load_setting(&at))
            is_good = false;
    }
    if (!is_good)
        config_done(table, count, target);
    return is_good;
}

static void print_value(const struct config_setting *setting, const void *member,
                        struct buffer *out)
{
    switch (setting->type) {
    case CONFIG_UINT:
        buffer_printf(out, "%u", *(const config_uint_t *)member);
        return;
    case CONFIG_BYTES:
        buffer_printf(out, "%" PRIu64, *(const config_bytes_t *)member);
        return;
    case CONFIG_BOOL:
        buffer_add_char(out, *(const config_bool_t *)member ? '1' : '0');
        return;
    case CONFIG_REAL:
        buffer_printf(out, "%.15g", *(const config_real_t *)member);
        return;
    case CONFIG_TEXT:
        buffer_add_text(out, *(const config_text_t *)member);
        return;
    case CONFIG_SECRET:
        buffer_add_text(out, **(const config_secret_t *)member ? "***" : "");
        return;
    }
}

void config_print(const struct config_setting *table, size_t count, const void *target,
                  struct buffer *out)
{
    for (size_t i = 0; i < count; i++) {
        buffer_printf(out, "%s=", variable_of(&table[i]).name);
        print_value(&table[i], (const char *)target + table[i].offset, out);
        buffer_add_char(out, '\n');
    }
}

/* "1 to 64", "0 or 1", "32 to 256 bytes". */
static void describe_range(const struct config_setting *setting, struct buffer *out)
{
    if (setting->type == CONFIG_BOOL) {
        buffer_add_text(out, "0 or 1");
        return;
    }
    buffer_printf(out, "%.15g to %.15g%s", setting->min, setting->max,
                  is_textual(setting) ? " bytes" : "");
}

void config_help(const struct config_setting *table, size_t count, struct buffer *out)
{
    for (size_t i = 0; i < count; i++) {
        const struct config_setting *setting = &table[i];
        buffer_printf(out, "  %s\n      %s (", variable_of(setting).name, setting->help);
        describe_range(setting, out);
        if (!setting->initial)
            buffer_add_text(out, "; must be set");
        else if (*setting->initial)
            buffer_printf(out, "; default %s", setting->initial);
        if (setting->type == CONFIG_SECRET)
            buffer_printf(out, "; or the path of its file in %s", variable_of(setting).file);
        buffer_add_text(out, ")\n");
    }
}

/* In a table's cell a bar would start the next one. */
static void add_cell(struct buffer *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '|')
            buffer_add_char(out, '\\');
        buffer_add_char(out, *text);
    }
}

void config_markdown(const struct config_setting *table, size_t count, struct buffer *out)
{
    buffer_add_text(out, "| variable | default | range | meaning |\n|---|---|---|---|\n");
    for (size_t i = 0; i < count; i++) {
        const struct config_setting *setting = &table[i];
        buffer_printf(out, "| `%s`", variable_of(setting).name);
        if (setting->type == CONFIG_SECRET)
            buffer_printf(out, " or `%s`", variable_of(setting).file);
        buffer_add_text(out, " | ");
        add_cell(out, setting->initial ? setting->initial : "**must be set**");
        buffer_add_text(out, " | ");
        describe_range(setting, out);
        buffer_add_text(out, " | ");
        add_cell(out, setting->help);
        buffer_add_text(out, " |\n");
    }
}

void config_done(const struct config_setting *table, size_t count, void *target)
{
    for (size_t i = 0; i < count; i++) {
        if (!is_textual(&table[i]))
            continue;
        char **text = (char **)((char *)target + table[i].offset);
        if (*text)
            explicit_bzero(*text, strlen(*text));
        free(*text);
        *text = NULL;
    }
}
