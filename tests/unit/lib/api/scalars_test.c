/* SPDX-License-Identifier: MIT */
#include "lib/api/scalars.h"
#include "tests/unit/lib/api/request.h"

/* Each test reads one field, v, of a body. */
struct sample {
    const char *text;
    const char *uuid;
    int64_t number;
    double real;
    bool flag;
};

#define BOUND(value)                                                                               \
    &(const int64_t)                                                                               \
    {                                                                                              \
        value                                                                                      \
    }
#define REAL_BOUND(value) (&(const double){value})
#define SAMPLE_FIELD(of_type, member, ...)                                                         \
    {                                                                                              \
        .name = "v", .type = of_type, .offset = offsetof(struct sample, member), .required = true, \
        __VA_ARGS__                                                                                \
    }

static const char *const ways[] = {"a", "b", "c", NULL};
static const char *const only[] = {"DELETE", NULL};
static const struct field text = SAMPLE_FIELD(FIELD_TEXT, text);
static const struct field password = SAMPLE_FIELD(FIELD_TEXT, text, .min = BOUND(8));
static const struct field initial =
    SAMPLE_FIELD(FIELD_TEXT, text, .min = BOUND(1), .max = BOUND(1));
static const struct field title = SAMPLE_FIELD(FIELD_TEXT, text, .max = BOUND(6));
static const struct field way = SAMPLE_FIELD(FIELD_TEXT, text, .choices = ways);
static const struct field confirm = SAMPLE_FIELD(FIELD_TEXT, text, .choices = only);
static const struct field uuid = SAMPLE_FIELD(FIELD_UUID, uuid);
static const struct field number = SAMPLE_FIELD(FIELD_INT, number);
static const struct field stars = SAMPLE_FIELD(FIELD_INT, number, .min = BOUND(1), .max = BOUND(5));
static const struct field real = SAMPLE_FIELD(FIELD_REAL, real);
static const struct field share =
    SAMPLE_FIELD(FIELD_REAL, real, .real_min = REAL_BOUND(0.25), .real_max = REAL_BOUND(1));
static const struct field flag = SAMPLE_FIELD(FIELD_BOOL, flag);

static struct message message_of(const struct field *field)
{
    return (struct message){.name = "sample",
                            .size = sizeof(struct sample),
                            .fields = field,
                            .count = 1,
                            .has_body = true};
}

struct refusal {
    const struct field *field;
    const char *value; /* which the reply repeats */
    const char *type;
    const char *message;
    const char *ctx; /* NULL: none */
};

static void check_refusal(const struct refusal *row)
{
    AUTO(arena_free) struct arena *arena = arena_new(1024 * 1024);
    const char *body = json_of(arena, arena_printf(arena, "{`v`:%s}", row->value));
    const struct request_parts parts = {.body = slice_of(body)};
    const char *ctx = row->ctx ? arena_printf(arena, ",`ctx`:%s", row->ctx) : "";
    const struct message message = message_of(row->field);
    expect_refused(arena, &message, &parts,
                   arena_printf(arena, "{`type`:`%s`,`loc`:[`body`,`v`],`msg`:`%s`,`input`:%s%s}",
                                row->type, row->message, row->value, ctx));
}

#define CHECK_REFUSALS(rows)                                                                       \
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)                                                   \
    check_refusal(&(rows)[i])

static struct sample read_sample(struct arena *arena, const struct field *field, const char *value)
{
    struct sample sample = {0};
    const char *body = json_of(arena, arena_printf(arena, "{`v`:%s}", value));
    const struct request_parts parts = {.body = slice_of(body)};
    const struct message message = message_of(field);
    expect_decoded(arena, &message, &parts, &sample);
    return sample;
}

static void what_is_no_text_is_refused(void **state)
{
    (void)state;
#define NO_TEXT(value)                                                                             \
    {                                                                                              \
        &text, value, "string_type", "Input should be a valid string", NULL                        \
    }
    static const struct refusal rows[] = {
        NO_TEXT("5"),    NO_TEXT("1.5"),   NO_TEXT("true"), NO_TEXT("false"),
        NO_TEXT("null"), NO_TEXT("[`a`]"), NO_TEXT("{}"),
    };
    CHECK_REFUSALS(rows);
}

static void the_input_is_repeated_as_python_writes_it(void **state)
{
    (void)state;
    static const struct refusal rows[] = {
        NO_TEXT("0.1"),
        NO_TEXT("-80.1"),
        NO_TEXT("12.0"),
        NO_TEXT("1e+22"),
        NO_TEXT("-9223372036854775808"),
        NO_TEXT("[1,[2.5,{`z`:null,`a`:[true,false]}],`\\u001f\\n\\\"/ёж\x7f`]"),
    };
    CHECK_REFUSALS(rows);
}

static void text_is_measured_in_characters(void **state)
{
    (void)state;
    static const struct refusal rows[] = {
        {&password, "`1234567`", "string_too_short", "String should have at least 8 characters",
         "{`min_length`:8}"},
        {&password, "`приветы`", "string_too_short", "String should have at least 8 characters",
         "{`min_length`:8}"},
        {&initial, "``", "string_too_short", "String should have at least 1 character",
         "{`min_length`:1}"},
        {&initial, "`ab`", "string_too_long", "String should have at most 1 character",
         "{`max_length`:1}"},
        {&title, "`семьбук`", "string_too_long", "String should have at most 6 characters",
         "{`max_length`:6}"},
    };
    CHECK_REFUSALS(rows);

    AUTO(arena_free) struct arena *arena = arena_new(1024 * 1024);
    assert_string_equal(read_sample(arena, &password, "`12345678`").text, "12345678");
    assert_string_equal(read_sample(arena, &initial, "`🎄`").text, "🎄");
    assert_string_equal(read_sample(arena, &title, "`привет`").text, "привет");
    assert_string_equal(read_sample(arena, &text, "``").text, "");
}

static void a_value_outside_an_enumeration_is_refused(void **state)
{
    (void)state;
    static const struct refusal rows[] = {
        {&way, "`d`", "literal_error", "Input should be 'a', 'b' or 'c'",
         "{`expected`:`'a', 'b' or 'c'`}"},
        {&way, "`A`", "literal_error", "Input should be 'a', 'b' or 'c'",
         "{`expected`:`'a', 'b' or 'c'`}"},
        {&way, "5", "literal_error", "Input should be 'a', 'b' or 'c'",
         "{`expected`:`'a', 'b' or 'c'`}"},
        {&way, "null", "literal_error", "Input should be 'a', 'b' or 'c'",
         "{`expected`:`'a', 'b' or 'c'`}"},
        {&confirm, "`delete`", "literal_error", "Input should be 'DELETE'",
         "{`expected`:`'DELETE'`}"},
    };
    CHECK_REFUSALS(rows);

    AUTO(arena_free) struct arena *arena = arena_new(1024 * 1024);
    assert_string_equal(read_sample(arena, &way, "`c`").text, "c");
}

static void what_is_no_uuid_is_refused(void **state)
{
    (void)state;
#define GROUPS "expected 32 hexadecimal digits in groups of 8-4-4-4-12"
#define NO_UUID(value)                                                                             \
    {                                                                                              \
        &uuid, value, "uuid_parsing", "Input should be a valid UUID, " GROUPS,                     \
            "{`error`:`" GROUPS "`}"                                                               \
    }
    static const struct refusal rows[] = {
        NO_UUID("``"),
        NO_UUID("`abc`"),
        NO_UUID("`0190a1b2-c3d4-7e5f-8a9b-abcdef01234g`"),
        {&uuid, "5", "uuid_type", "UUID input should be a string, bytes or UUID object", NULL},
        {&uuid, "null", "uuid_type", "UUID input should be a string, bytes or UUID object", NULL},
    };
    CHECK_REFUSALS(rows);

    AUTO(arena_free) struct arena *arena = arena_new(1024 * 1024);
    assert_string_equal(read_sample(arena, &uuid, "`0190A1B2-C3D4-7E5F-8A9B-ABCDEF012345`").uuid,
                        "0190a1b2-c3d4-7e5f-8a9b-abcdef012345");
}

static void what_is_no_integer_is_refused(void **state)
{
    (void)state;
#define UNPARSED(value)                                                                            \
    {                                                                                              \
        &number, value, "int_parsing",                                                             \
            "Input should be a valid integer, unable to parse string as an integer", NULL          \
    }
#define FRACTION(value)                                                                            \
    {                                                                                              \
        &number, value, "int_from_float",                                                          \
            "Input should be a valid integer, got a number with a fractional part", NULL           \
    }
    static const struct refusal rows[] = {
        UNPARSED("``"),
        UNPARSED("`abc`"),
        UNPARSED("`1.5`"),
        UNPARSED("`1e3`"),
        UNPARSED("`0x10`"),
        UNPARSED("`.0`"),
        UNPARSED("`--1`"),
        UNPARSED("`1 2`"),
        UNPARSED("`80.0.0`"),
        FRACTION("1.5"),
        FRACTION("-0.1"),
        {&number, "null", "int_type", "Input should be a valid integer", NULL},
        {&number, "[1]", "int_type", "Input should be a valid integer", NULL},
        {&number, "{}", "int_type", "Input should be a valid integer", NULL},
    };
    CHECK_REFUSALS(rows);
}

static void integers_are_read_laxly(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        int64_t number;
    } rows[] = {
        {"80", 80},
        {"`80`", 80},
        {"80.0", 80},
        {"`80.0`", 80},
        {"` 80 `", 80},
        {"`+80`", 80},
        {"`-80`", -80},
        {"`007`", 7},
        {"true", 1},
        {"false", 0},
        {"-0.0", 0},
        {"1e3", 1000},
        {"9223372036854775807", INT64_MAX},
        {"`-9223372036854775808`", INT64_MIN},
    };
    AUTO(arena_free) struct arena *arena = arena_new(1024 * 1024);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(read_sample(arena, &number, rows[i].value).number, rows[i].number);
}

static void a_number_outside_its_range_is_refused(void **state)
{
    (void)state;
    static const struct refusal rows[] = {
        {&stars, "0", "greater_than_equal", "Input should be greater than or equal to 1",
         "{`ge`:1}"},
        {&stars, "`-3`", "greater_than_equal", "Input should be greater than or equal to 1",
         "{`ge`:1}"},
        {&stars, "6", "less_than_equal", "Input should be less than or equal to 5", "{`le`:5}"},
        {&stars, "9223372036854775807", "less_than_equal",
         "Input should be less than or equal to 5", "{`le`:5}"},
        {&share, "0.2499", "greater_than_equal", "Input should be greater than or equal to 0.25",
         "{`ge`:0.25}"},
        {&share, "-1", "greater_than_equal", "Input should be greater than or equal to 0.25",
         "{`ge`:0.25}"},
        {&share, "1.01", "less_than_equal", "Input should be less than or equal to 1",
         "{`le`:1.0}"},
    };
    CHECK_REFUSALS(rows);

    AUTO(arena_free) struct arena *arena = arena_new(1024 * 1024);
    assert_int_equal(read_sample(arena, &stars, "1").number, 1);
    assert_int_equal(read_sample(arena, &stars, "5").number, 5);
    assert_true(read_sample(arena, &share, "1").real == 1);
    assert_true(read_sample(arena, &share, "0.25").real == 0.25);
}

static void what_is_no_number_is_refused(void **state)
{
    (void)state;
#define NO_NUMBER(value)                                                                           \
    {                                                                                              \
        &real, value, "float_parsing",                                                             \
            "Input should be a valid number, unable to parse string as a number", NULL             \
    }
    static const struct refusal rows[] = {
        NO_NUMBER("``"),
        NO_NUMBER("`abc`"),
        NO_NUMBER("`1.5x`"),
        NO_NUMBER("`1e999`"),
        {&real, "null", "float_type", "Input should be a valid number", NULL},
        {&real, "[]", "float_type", "Input should be a valid number", NULL},
    };
    CHECK_REFUSALS(rows);
}

static void numbers_are_read_laxly(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        double real;
    } rows[] = {{"0.1", 0.1},       {"3", 3},        {"`0.1`", 0.1},
                {"` -2.5 `", -2.5}, {"`1e3`", 1000}, {"true", 1}};
    AUTO(arena_free) struct arena *arena = arena_new(1024 * 1024);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_true(read_sample(arena, &real, rows[i].value).real == rows[i].real);
}

static void what_is_no_boolean_is_refused(void **state)
{
    (void)state;
#define NO_BOOL(value)                                                                             \
    {                                                                                              \
        &flag, value, "bool_parsing",                                                              \
            "Input should be a valid boolean, unable to interpret input", NULL                     \
    }
    static const struct refusal rows[] = {
        NO_BOOL("`maybe`"),
        NO_BOOL("``"),
        NO_BOOL("`2`"),
        NO_BOOL("2"),
        NO_BOOL("-1"),
        NO_BOOL("2.0"),
        {&flag, "0.5", "bool_type", "Input should be a valid boolean", NULL},
        {&flag, "null", "bool_type", "Input should be a valid boolean", NULL},
        {&flag, "[]", "bool_type", "Input should be a valid boolean", NULL},
    };
    CHECK_REFUSALS(rows);
}

static void booleans_are_read_laxly(void **state)
{
    (void)state;
    static const char *const yes[] = {"true", "1",     "1.0", "`1`",  "`true`", "`True`",
                                      "`t`",  "`yes`", "`y`", "`on`", "`ON`"};
    static const char *const no[] = {"false", "0",    "0.0", "`0`",   "`false`", "`FALSE`",
                                     "`f`",   "`no`", "`n`", "`off`", "`Off`"};
    AUTO(arena_free) struct arena *arena = arena_new(1024 * 1024);
    for (size_t i = 0; i < ARRAY_LEN(yes); i++)
        assert_true(read_sample(arena, &flag, yes[i]).flag);
    for (size_t i = 0; i < ARRAY_LEN(no); i++)
        assert_false(read_sample(arena, &flag, no[i]).flag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_text_is_refused),
        cmocka_unit_test(the_input_is_repeated_as_python_writes_it),
        cmocka_unit_test(text_is_measured_in_characters),
        cmocka_unit_test(a_value_outside_an_enumeration_is_refused),
        cmocka_unit_test(what_is_no_uuid_is_refused),
        cmocka_unit_test(what_is_no_integer_is_refused),
        cmocka_unit_test(integers_are_read_laxly),
        cmocka_unit_test(a_number_outside_its_range_is_refused),
        cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(numbers_are_read_laxly),
        cmocka_unit_test(what_is_no_boolean_is_refused),
        cmocka_unit_test(booleans_are_read_laxly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
