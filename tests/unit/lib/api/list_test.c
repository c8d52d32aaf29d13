/* SPDX-License-Identifier: MIT */
#include "lib/api/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MANY 1024
#define LONG_ITEM 2000

static void a_text_is_split_at_each_separator(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(65536);
    static const struct {
        const char *text;
        size_t count;
        const char *items[3];
    } rows[] = {
        {NULL, 0, {0}},
        {"", 0, {0}},
        {"a", 1, {"a"}},
        {"a,b", 2, {"a", "b"}},
        {",", 2, {"", ""}},
        {"a,,b", 3, {"a", "", "b"}},
        {"a b,c", 2, {"a b", "c"}},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct list list = list_split(arena, rows[i].text, ',');
        const char *const *items = list.items;
        assert_int_equal(list.count, rows[i].count);
        for (size_t at = 0; at < list.count; at++)
            assert_string_equal(items[at], rows[i].items[at]);
    }
}

static void what_was_split_joins_to_the_same_text(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(65536);
    static const char *const texts[] = {"", "a", "a;b", ";", "a;;b", "ёж;лев"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        assert_string_equal(list_join(arena, list_split(arena, texts[i], ';'), ';'), texts[i]);
}

static void joining_takes_memory_for_the_result_only(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(3 * 1024 * 1024);
    char *text = arena_alloc(arena, LONG_ITEM + 1);
    memset(text, 'x', LONG_ITEM);
    const char *items[MANY];
    for (size_t i = 0; i < MANY; i++)
        items[i] = text;
    const char *joined = list_join(arena, (struct list){items, MANY}, ',');
    assert_int_equal(strlen(joined), MANY * (LONG_ITEM + 1) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_split_at_each_separator),
        cmocka_unit_test(what_was_split_joins_to_the_same_text),
        cmocka_unit_test(joining_takes_memory_for_the_result_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
