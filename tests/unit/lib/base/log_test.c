/* SPDX-License-Identifier: MIT */
#include "lib/base/log.h"

#include "lib/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

AUTO_DEFINE(json_t *, json_decref)

/* A standard error of our own, to read back what was written. */
struct capture {
    int saved;
    int ends[2];
    char text[4 * LOG_LINE_MAX];
    ssize_t size;
};

static void capture_begin(struct capture *capture)
{
    assert_int_equal(pipe(capture->ends), 0);
    capture->saved = dup(STDERR_FILENO);
    dup2(capture->ends[1], STDERR_FILENO);
}

/* The text up to now; with NUL instead of the newline at its end. */
static const char *capture_end(struct capture *capture)
{
    dup2(capture->saved, STDERR_FILENO);
    close(capture->saved);
    close(capture->ends[1]);
    capture->size = read(capture->ends[0], capture->text, sizeof(capture->text) - 1);
    close(capture->ends[0]);
    assert_true(capture->size >= 0);
    capture->text[capture->size] = '\0';
    if (capture->size == 0)
        return "";
    assert_int_equal(capture->text[capture->size - 1], '\n');
    capture->text[capture->size - 1] = '\0';
    assert_null(strchr(capture->text, '\n'));
    return capture->text;
}

static json_t *parsed(const char *line)
{
    json_t *root = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(root);
    return root;
}

static const char *member(const json_t *root, const char *key)
{
    const char *text = json_string_value(json_object_get(root, key));
    return text ? text : "(absent)";
}

static void a_line_has_its_members_in_order(void **state)
{
    (void)state;
    struct capture capture;
    const struct log_scope scope = {.request_id = "r1", .trace_id = "t1", .subject = "s1"};
    log_start("auth", LOG_LEVEL_INFO);
    capture_begin(&capture);
    log_warning(&scope, "it \"happened\"", LOG_TEXT("why", "a\nb"), LOG_INT("port", -5));
    const char *line = capture_end(&capture);

    assert_true(text_starts_with(line, "{\"time\":\"20"));
    assert_string_equal(
        strstr(line, ",\"level\""),
        ",\"level\":\"warning\",\"service\":\"auth\",\"request_id\":\"r1\","
        "\"trace_id\":\"t1\",\"subject\":\"s1\",\"message\":\"it \\\"happened\\\"\","
        "\"why\":\"a\\nb\",\"port\":-5}");
}

static void absent_scope_members_and_texts_are_left_out(void **state)
{
    (void)state;
    struct capture capture;
    const struct log_scope scope = {.trace_id = "t1"};
    log_start("auth", LOG_LEVEL_DEBUG);
    capture_begin(&capture);
    log_debug(&scope, "m", LOG_TEXT("none", NULL), LOG_INT("zero", 0));
    const char *line = capture_end(&capture);
    assert_string_equal(strstr(line, ",\"level\""),
                        ",\"level\":\"debug\",\"service\":\"auth\",\"trace_id\":\"t1\","
                        "\"message\":\"m\",\"zero\":0}");
}

static void lines_below_the_level_are_not_written(void **state)
{
    (void)state;
    struct capture capture;
    log_start("auth", LOG_LEVEL_WARNING);
    capture_begin(&capture);
    const int64_t infos = log_count(LOG_LEVEL_INFO), errors = log_count(LOG_LEVEL_ERROR);
    log_debug(NULL, "quiet");
    log_info(NULL, "quiet");
    log_error(NULL, "loud");
    assert_int_equal(log_count(LOG_LEVEL_INFO), infos);
    assert_int_equal(log_count(LOG_LEVEL_ERROR), errors + 1);
    AUTO(json_decref) json_t *root = parsed(capture_end(&capture));
    assert_string_equal(member(root, "level"), "error");
    assert_string_equal(member(root, "message"), "loud");
}

/* A text that grows sixfold when written as JSON, and one that a cut could break. */
static void fill(char *text, size_t size, const char *pattern)
{
    size_t length = strlen(pattern);
    for (size_t i = 0; i < size - 1; i++)
        text[i] = pattern[i % length];
    text[size - 1] = '\0';
}

static void check_line_of(const char *pattern)
{
    char text[20000];
    fill(text, sizeof(text), pattern);
    struct capture capture;
    const struct log_scope scope = {.request_id = text, .trace_id = text, .subject = text};
    log_start("auth", LOG_LEVEL_INFO);
    capture_begin(&capture);
    log_info(&scope, text, LOG_TEXT("one", text), LOG_TEXT("two", text), LOG_INT("n", INT64_MIN));
    AUTO(json_decref) json_t *root = parsed(capture_end(&capture));
    assert_in_range(capture.size, LOG_LINE_MAX / 4, LOG_LINE_MAX);
    assert_true(text_starts_with(member(root, "message"), pattern));
    assert_null(strstr(member(root, "message"), "\uFFFD"));
}

static void a_line_too_long_is_cut_and_still_json(void **state)
{
    (void)state;
    check_line_of("x");
    check_line_of("\x01");
    check_line_of("ab\"");
    check_line_of("Ж");
    check_line_of("z🎄");
}

static void fields_after_a_long_message_are_kept_when_they_fit(void **state)
{
    (void)state;
    char text[3000];
    fill(text, sizeof(text), "m");
    struct capture capture;
    log_start("auth", LOG_LEVEL_INFO);
    capture_begin(&capture);
    log_info(NULL, text, LOG_TEXT("long", text), LOG_INT("n", 7));
    AUTO(json_decref) json_t *root = parsed(capture_end(&capture));
    assert_string_equal(member(root, "message"), text);
    assert_true(text_starts_with(text, member(root, "long")));
    assert_int_equal(json_integer_value(json_object_get(root, "n")), 7);
}

static void level_names_are_read(void **state)
{
    (void)state;
    enum log_level level = LOG_LEVEL_DEBUG;
    assert_true(log_parse_level("warning", &level));
    assert_int_equal(level, LOG_LEVEL_WARNING);
    assert_true(log_parse_level("debug", &level));
    assert_int_equal(level, LOG_LEVEL_DEBUG);
    assert_false(log_parse_level("loud", &level));
    assert_false(log_parse_level("", &level));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_has_its_members_in_order),
        cmocka_unit_test(absent_scope_members_and_texts_are_left_out),
        cmocka_unit_test(lines_below_the_level_are_not_written),
        cmocka_unit_test(a_line_too_long_is_cut_and_still_json),
        cmocka_unit_test(fields_after_a_long_message_are_kept_when_they_fit),
        cmocka_unit_test(level_names_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
