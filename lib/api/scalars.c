/* SPDX-License-Identifier: MIT */
#include "lib/api/scalars.h"

#include "lib/base/text.h"
#include "lib/base/uuid.h"

#include <errno.h>
#include <math.h>

#define CHOICES_MAX_BYTES 4096

static bool refuse(struct scalar_reader *reader, const char *type, const struct location *where,
                   const char *message, const json_t *value)
{
    violations_add(reader->violations, type, where, message, value, NULL);
    return false;
}

/* A bound that was passed: which ("ge"), the words, and the bound itself. */
static bool refuse_bound(struct scalar_reader *reader, const char *type,
                         const struct location *where, const char *message, const json_t *value,
                         const char *key, int64_t bound)
{
    const char *ctx = arena_printf(reader->arena, "{\"%s\":%lld}", key, (long long)bound);
    violations_add(reader->violations, type, where, message, value, ctx);
    return false;
}

static bool check_range(struct scalar_reader *reader, const struct field *field,
                        const struct location *where, const json_t *value, int64_t number)
{
    if (field->min && number < *field->min) {
        const char *message = arena_printf(
            reader->arena, "Input should be greater than or equal to %lld", (long long)*field->min);
        return refuse_bound(reader, "greater_than_equal", where, message, value, "ge", *field->min);
    }
    if (field->max && number > *field->max) {
        const char *message = arena_printf(
            reader->arena, "Input should be less than or equal to %lld", (long long)*field->max);
        return refuse_bound(reader, "less_than_equal", where, message, value, "le", *field->max);
    }
    return true;
}

/* pydantic writes a bound of 4 as "4" in the message, but as 4.0 in ctx. */
static bool refuse_real(struct scalar_reader *reader, const char *type,
                        const struct location *where, const json_t *value, const char *words,
                        const char *key, double bound)
{
    AUTO_BUFFER(ctx, 64);
    struct json_writer writer;
    json_init(&writer, &ctx);
    json_open(&writer, '{');
    json_key(&writer, key);
    json_put_double(&writer, bound);
    json_close(&writer, '}');
    const char *message =
        arena_printf(reader->arena, "Input should be %s than or equal to %g", words, bound);
    violations_add(reader->violations, type, where, message, value, buffer_text(&ctx));
    return false;
}

static bool check_real(struct scalar_reader *reader, const struct field *field,
                       const struct location *where, const json_t *value, double number)
{
    if (field->real_min && number < *field->real_min)
        return refuse_real(reader, "greater_than_equal", where, value, "greater", "ge",
                           *field->real_min);
    if (field->real_max && number > *field->real_max)
        return refuse_real(reader, "less_than_equal", where, value, "less", "le", *field->real_max);
    return true;
}

static bool check_length(struct scalar_reader *reader, const struct field *field,
                         const struct location *where, const json_t *value, const char *text)
{
    if (!field->min && !field->max)
        return true;
    int64_t length = (int64_t)text_utf8_length(text);
    if (field->min && length < *field->min) {
        const char *message =
            arena_printf(reader->arena, "String should have at least %lld character%s",
                         (long long)*field->min, *field->min == 1 ? "" : "s");
        return refuse_bound(reader, "string_too_short", where, message, value, "min_length",
                            *field->min);
    }
    if (field->max && length > *field->max) {
        const char *message =
            arena_printf(reader->arena, "String should have at most %lld character%s",
                         (long long)*field->max, *field->max == 1 ? "" : "s");
        return refuse_bound(reader, "string_too_long", where, message, value, "max_length",
                            *field->max);
    }
    return true;
}

/* 'a', 'b' or 'c' */
static const char *list_choices(struct arena *arena, const char *const *choices)
{
    AUTO_BUFFER(words, CHOICES_MAX_BYTES);
    for (size_t i = 0; choices[i]; i++) {
        const char *before = choices[i + 1] ? ", " : " or ";
        buffer_printf(&words, "%s'%s'", i > 0 ? before : "", choices[i]);
    }
    return arena_text(arena, buffer_text(&words));
}

static bool check_choices(struct scalar_reader *reader, const struct field *field,
                          const struct location *where, const json_t *value, const char *text)
{
    if (!field->choices)
        return true;
    for (const char *const *choice = field->choices; *choice; choice++) {
        if (text && text_equal(*choice, text))
            return true;
    }
    const char *words = list_choices(reader->arena, field->choices);
    const char *message = arena_printf(reader->arena, "Input should be %s", words);
    const char *ctx = arena_printf(reader->arena, "{\"expected\":\"%s\"}", words);
    violations_add(reader->violations, "literal_error", where, message, value, ctx);
    return false;
}

bool scalar_read_text(struct scalar_reader *reader, const struct field *field,
                      const struct location *where, const json_t *value, const char **ret_text)
{
    const char *text = json_string_value(value);
    if (field->choices && !check_choices(reader, field, where, value, text))
        return false;
    if (!text)
        return refuse(reader, "string_type", where, "Input should be a valid string", value);
    if (!check_length(reader, field, where, value, text))
        return false;
    *ret_text = arena_text(reader->arena, text);
    return true;
}

bool scalar_read_uuid(struct scalar_reader *reader, const struct location *where,
                      const json_t *value, const char **ret_uuid)
{
    if (!json_is_string(value))
        return refuse(reader, "uuid_type", where,
                      "UUID input should be a string, bytes or UUID object", value);
    struct uuid uuid;
    if (!uuid_parse(json_string_value(value), &uuid)) {
        const char *message = "Input should be a valid UUID, expected 32 hexadecimal digits in "
                              "groups of 8-4-4-4-12";
        violations_add(reader->violations, "uuid_parsing", where, message, value,
                       "{\"error\":\"expected 32 hexadecimal digits in groups of 8-4-4-4-12\"}");
        return false;
    }
    *ret_uuid = arena_text(reader->arena, uuid.text);
    return true;
}

static bool refuse_fraction(struct scalar_reader *reader, const struct location *where,
                            const json_t *value)
{
    return refuse(reader, "int_from_float", where,
                  "Input should be a valid integer, got a number with a fractional part", value);
}

/* "80", " 80 ", "80.0". */
static bool parse_int_text(struct arena *arena, const char *text, int64_t *ret_int)
{
    char *digits = text_trim(arena, text);
    char *point = strchr(digits, '.');
    if (point) {
        if (point == digits || point[1 + strspn(point + 1, "0")] != '\0')
            return false;
        *point = '\0';
    }
    return text_parse_int(digits[0] == '+' ? digits + 1 : digits, INT64_MIN, INT64_MAX, ret_int);
}

bool scalar_read_int(struct scalar_reader *reader, const struct field *field,
                     const struct location *where, const json_t *value, int64_t *ret_int)
{
    int64_t number = 0;
    if (json_is_integer(value)) {
        number = json_integer_value(value);
    } else if (json_is_boolean(value)) {
        number = json_is_true(value);
    } else if (json_is_real(value)) {
        double real = json_real_value(value);
        if (real != trunc(real) || fabs(real) >= 0x1p63)
            return refuse_fraction(reader, where, value);
        number = (int64_t)real;
    } else if (json_is_string(value)) {
        if (!parse_int_text(reader->arena, json_string_value(value), &number))
            return refuse(reader, "int_parsing", where,
                          "Input should be a valid integer, unable to parse string as an integer",
                          value);
    } else {
        return refuse(reader, "int_type", where, "Input should be a valid integer", value);
    }
    if (!check_range(reader, field, where, value, number))
        return false;
    *ret_int = number;
    return true;
}

static bool parse_real_text(struct arena *arena, const char *text, double *ret_real)
{
    const char *trimmed = text_trim(arena, text);
    char *end = NULL;
    errno = 0;
    double real = strtod(trimmed, &end);
    if (end == trimmed || *end != '\0' || errno == ERANGE || !isfinite(real))
        return false;
    *ret_real = real;
    return true;
}

bool scalar_read_real(struct scalar_reader *reader, const struct field *field,
                      const struct location *where, const json_t *value, double *ret_real)
{
    double number = 0;
    if (json_is_number(value)) {
        number = json_number_value(value);
    } else if (json_is_boolean(value)) {
        number = json_is_true(value);
    } else if (json_is_string(value)) {
        if (!parse_real_text(reader->arena, json_string_value(value), &number))
            return refuse(reader, "float_parsing", where,
                          "Input should be a valid number, unable to parse string as a number",
                          value);
    } else {
        return refuse(reader, "float_type", where, "Input should be a valid number", value);
    }
    if (!check_real(reader, field, where, value, number))
        return false;
    *ret_real = number;
    return true;
}

/* -1 when the text is no boolean. */
static int parse_bool_text(const char *text)
{
    static const char *const yes[] = {"1", "true", "t", "yes", "y", "on"};
    static const char *const no[] = {"0", "false", "f", "no", "n", "off"};
    for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
        if (text_equal_fold(text, yes[i]))
            return 1;
        if (text_equal_fold(text, no[i]))
            return 0;
    }
    return -1;
}

bool scalar_read_bool(struct scalar_reader *reader, const struct location *where,
                      const json_t *value, bool *ret_bool)
{
    int truth = -1;
    double number = json_number_value(value);
    if (json_is_boolean(value)) {
        truth = json_is_true(value);
    } else if (json_is_string(value)) {
        truth = parse_bool_text(json_string_value(value));
    } else if (json_is_number(value) && number == trunc(number)) {
        truth = number == 0 ? 0 : number == 1 ? 1 : -1;
    } else {
        return refuse(reader, "bool_type", where, "Input should be a valid boolean", value);
    }
    if (truth < 0)
        return refuse(reader, "bool_parsing", where,
                      "Input should be a valid boolean, unable to interpret input", value);
    *ret_bool = truth == 1;
    return true;
}
