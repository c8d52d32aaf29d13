/* SPDX-License-Identifier: MIT */
#include "services/auth/domain/username.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define AT_MOST "abcdefghijklmnopqrstuvwxyz0123456789._-abcdefghijklmnopqrstuvwxy" /* 64 */

static void names_are_folded_to_the_form_they_are_stored_in(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *name;
    } rows[] = {
        {"ann", "ann"},         {"ab", "ab"},           {"Ann.Of_The-99", "ann.of_the-99"},
        {" \t@Ann\r\n", "ann"}, {"@@a@nn@", "ann"},     {"..", ".."},
        {AT_MOST, AT_MOST},     {"@" AT_MOST, AT_MOST},
    };
    AUTO(arena_free) struct arena *arena = arena_new(65536);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_string_equal(username_fold(arena, rows[i].text), rows[i].name);
}

static void what_is_no_tiktok_name_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",          "@",       "  ",     "a",     "@a",    "an n",    "@ ann",
        "ann!",      "аня",     "ann/x",  "ann%",  "ann\"", "ann'--",  "a\tb",
        AT_MOST "z", "ann\x7f", "ａｎｎ", "ann\\", "a,b",   "ann\xFF", "ann\u00A0"};
    AUTO(arena_free) struct arena *arena = arena_new(65536);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        assert_null(username_fold(arena, texts[i]));
}

static void folding_leaves_its_argument_alone(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(65536);
    char text[] = " @Ann ";
    assert_string_equal(username_fold(arena, text), "ann");
    assert_string_equal(text, " @Ann ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_folded_to_the_form_they_are_stored_in),
        cmocka_unit_test(what_is_no_tiktok_name_is_refused),
        cmocka_unit_test(folding_leaves_its_argument_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
