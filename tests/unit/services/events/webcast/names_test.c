/* SPDX-License-Identifier: MIT */
#include "services/events/webcast/names.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void assert_name(const char *text, const char *expected)
{
    AUTO(arena_free) struct arena *arena = arena_new(64 * 1024);
    const char *name = webcast_name_normalise(arena, text);
    if (!expected) {
        assert_null(name);
        return;
    }
    assert_non_null(name);
    assert_string_equal(name, expected);
}

static void a_name_is_found_however_it_was_pasted(void **state)
{
    (void)state;
    assert_name("masha", "masha");
    assert_name("  @Masha_7 \n", "masha_7");
    assert_name("https://www.tiktok.com/@masha/live", "masha");
    assert_name("https://www.tiktok.com/@Masha/live?enter_from=x&a=b", "masha");
    assert_name("http://tiktok.com/@masha/", "masha");
    assert_name("tiktok.com/masha", "masha");
    assert_name("HTTPS://WWW.TIKTOK.COM/@MASHA/LIVE/", "masha");
}

static void dots_are_part_of_a_name(void **state)
{
    (void)state;
    assert_name(".a.b.c.d.e.f.g", ".a.b.c.d.e.f.g");
    assert_name("@_", "_");
    assert_name("live", "live");
}

static void what_is_no_name_gives_none(void **state)
{
    (void)state;
    assert_name(NULL, NULL);
    assert_name("", NULL);
    assert_name("@", NULL);
    assert_name("маша", NULL);
    assert_name("two words", NULL);
    assert_name("a/b", NULL);
    assert_name("https://example.com/@masha", NULL);
    assert_name("https://www.tiktok.com/@masha/video/123", NULL);
    assert_name("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL);
}

static void a_name_of_our_own_may_be_impossible_at_tiktok(void **state)
{
    (void)state;
    assert_true(webcast_name_is_possible(".a.b_c.d.e.f.g"));
    assert_true(webcast_name_is_possible("abcdefghijklmnopqrstuvwx"));
    assert_false(webcast_name_is_possible("abcdefghijklmnopqrstuvwxy"));
    assert_false(webcast_name_is_possible("masha-live"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_found_however_it_was_pasted),
        cmocka_unit_test(dots_are_part_of_a_name),
        cmocka_unit_test(a_name_of_our_own_may_be_impossible_at_tiktok),
        cmocka_unit_test(what_is_no_name_gives_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
