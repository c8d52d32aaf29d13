/* SPDX-License-Identifier: MIT */
#include "services/gateway/trace.h"

#include "lib/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define PARENT "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
#define TRACE_ID "0af7651916cd43dd8448eb211c80319c"

static void a_sane_request_id_is_kept(void **state)
{
    (void)state;
    struct trace trace;
    const char longest[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";
    trace_begin(&trace, "a-1_B.c", NULL);
    assert_string_equal(trace.request_id, "a-1_B.c");
    trace_begin(&trace, longest, NULL);
    assert_string_equal(trace.request_id, longest);
}

static void any_other_request_id_is_replaced_by_a_fresh_one(void **state)
{
    (void)state;
    const char *const bad[] = {
        NULL,
        "",
        "a b",
        "a\n",
        "<script>",
        "\xc3\xa9",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-" /* 65 */};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct trace first, second;
        trace_begin(&first, bad[i], NULL);
        trace_begin(&second, bad[i], NULL);
        assert_int_equal(strlen(first.request_id), 36);
        assert_string_not_equal(first.request_id, second.request_id);
    }
}

static void a_valid_trace_goes_on_as_a_new_span(void **state)
{
    (void)state;
    struct trace trace;
    trace_begin(&trace, NULL, PARENT);
    assert_string_equal(trace.trace_id, TRACE_ID);
    assert_int_equal(strlen(trace.traceparent), strlen(PARENT));
    assert_true(text_starts_with(trace.traceparent, "00-" TRACE_ID "-"));
    assert_null(strstr(trace.traceparent, "b7ad6b7169203331"));
    assert_string_equal(trace.traceparent + strlen(PARENT) - 3, "-00");
}

static void assert_flags(const char *given, const char *expected)
{
    struct trace trace;
    char parent[TRACE_PARENT_SIZE];
    snprintf(parent, sizeof(parent), "00-" TRACE_ID "-b7ad6b7169203331-%s", given);
    trace_begin(&trace, NULL, parent);
    assert_string_equal(trace.traceparent + strlen(PARENT) - 2, expected);
}

/* Flags that level 1 does not know must not be passed on. */
static void a_trace_is_sampled_when_its_caller_says_so(void **state)
{
    (void)state;
    assert_flags("01", "01");
    assert_flags("ff", "01");
    assert_flags("03", "01");
    assert_flags("00", "00");
    assert_flags("02", "00");
    assert_flags("fe", "00");
}

static void a_later_version_may_have_more_at_its_end(void **state)
{
    (void)state;
    struct trace trace;
    trace_begin(&trace, NULL, "01-" TRACE_ID "-b7ad6b7169203331-01-what-comes");
    assert_string_equal(trace.trace_id, TRACE_ID);
    assert_true(text_starts_with(trace.traceparent, "00-"));
    assert_int_equal(strlen(trace.traceparent), strlen(PARENT));
}

static void an_invalid_traceparent_begins_a_trace(void **state)
{
    (void)state;
    const char *const bad[] = {
        NULL,
        "",
        "00",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-" TRACE_ID "-0000000000000000-01",
        "ff-" TRACE_ID "-b7ad6b7169203331-01",
        "00_" TRACE_ID "-b7ad6b7169203331-01",
        "00-" TRACE_ID "_b7ad6b7169203331-01",
        "00-" TRACE_ID "-b7ad6b7169203331_01",
        "00-" TRACE_ID "-b7ad6b7169203331-0g",
        "00-" TRACE_ID "-b7ad6b7169203331-01-more",
        "01-" TRACE_ID "-b7ad6b7169203331-01more",
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct trace first, second;
        trace_begin(&first, NULL, bad[i]);
        trace_begin(&second, NULL, bad[i]);
        assert_int_equal(strlen(first.traceparent), strlen(PARENT));
        assert_int_equal(strlen(first.trace_id), 32);
        assert_string_equal(first.traceparent + strlen(PARENT) - 3, "-00");
        assert_string_not_equal(first.trace_id, TRACE_ID);
        assert_string_not_equal(first.trace_id, second.trace_id);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sane_request_id_is_kept),
        cmocka_unit_test(any_other_request_id_is_replaced_by_a_fresh_one),
        cmocka_unit_test(a_valid_trace_goes_on_as_a_new_span),
        cmocka_unit_test(a_trace_is_sampled_when_its_caller_says_so),
        cmocka_unit_test(a_later_version_may_have_more_at_its_end),
        cmocka_unit_test(an_invalid_traceparent_begins_a_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
