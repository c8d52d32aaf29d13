/* SPDX-License-Identifier: MIT */
#include "services/media/files/range.h"

#include "lib/base/macros.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void single_ranges_are_cut_to_the_file(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        uint64_t first, length;
    } cases[] = {
        {"bytes=0-0", 0, 1},      {"bytes=0-499", 0, 500},      {"bytes=500-", 500, 500},
        {"bytes=999-", 999, 1},   {"bytes=900-5000", 900, 100}, {"bytes=-1", 999, 1},
        {"bytes=-5000", 0, 1000}, {"Bytes=10-19", 10, 10},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct range range;
        assert_int_equal(range_parse(cases[i].header, 1000, &range), RANGE_PART);
        assert_int_equal(range.first, cases[i].first);
        assert_int_equal(range.length, cases[i].length);
    }
}

static void what_is_no_single_range_asks_for_the_whole_file(void **state)
{
    (void)state;
    static const char *const headers[] = {
        NULL,
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=5-4",
        "bytes=0-1,5-",
        "items=0-1",
        "bytes=a-b",
        "bytes=1",
        "bytes=1-2x",
        "bytes=--1",
        "bytes= 0-1",
        "bytes=+1-2",
        "bytes=-1-2",
        "bytes=0x1-2",
        "bytes=9999999999999999999-",
    };
    for (size_t i = 0; i < ARRAY_LEN(headers); i++) {
        struct range range;
        assert_int_equal(range_parse(headers[i], 1000, &range), RANGE_WHOLE);
    }
}

static void ranges_outside_the_file_are_unsatisfiable(void **state)
{
    (void)state;
    struct range range;
    assert_int_equal(range_parse("bytes=1000-", 1000, &range), RANGE_UNSATISFIABLE);
    assert_int_equal(range_parse("bytes=5000-6000", 1000, &range), RANGE_UNSATISFIABLE);
    assert_int_equal(range_parse("bytes=-0", 1000, &range), RANGE_UNSATISFIABLE);
    assert_int_equal(range_parse("bytes=0-", 0, &range), RANGE_UNSATISFIABLE);
    assert_int_equal(range_parse("bytes=-1", 0, &range), RANGE_UNSATISFIABLE);
}

static void a_tag_is_found_in_a_list(void **state)
{
    (void)state;
    static const char *const with[] = {
        "\"a-1\"", "W/\"a-1\"", "\"x\", \"a-1\"",    "\"x\",W/\"a-1\", \"y\"",
        "*",       " *",        "\"x\"\t,  \"a-1\"",
    };
    static const char *const without[] = {
        NULL, "", "a-1", "\"a-12\"", "\"a-1", "\"x\", \"y\"", "\"\"", "\", \"a-1\"",
    };
    for (size_t i = 0; i < ARRAY_LEN(with); i++)
        assert_true(etag_is_listed(with[i], "\"a-1\""));
    for (size_t i = 0; i < ARRAY_LEN(without); i++)
        assert_false(etag_is_listed(without[i], "\"a-1\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(single_ranges_are_cut_to_the_file),
        cmocka_unit_test(what_is_no_single_range_asks_for_the_whole_file),
        cmocka_unit_test(ranges_outside_the_file_are_unsatisfiable),
        cmocka_unit_test(a_tag_is_found_in_a_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
