/* SPDX-License-Identifier: MIT */
#include "services/media/domain/voice_list.h"

#include "lib/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void names_come_with_their_languages(void **state)
{
    (void)state;
    AUTO_BUFFER(problems, 4096);
    struct voice_list list;
    enum status status = voice_list_parse(
        " alloy, anna=ru ,,boris = ru-RU,\taf_bella+af_sky=en-US,", &list, &problems);
    assert_int_equal(status, STATUS_OK);
    assert_string_equal(buffer_text(&problems), "");
    static const char *const expected[][2] = {
        {"alloy", ""}, {"anna", "ru"}, {"boris", "ru-RU"}, {"af_bella+af_sky", "en-US"}};
    assert_int_equal(list.count, ARRAY_LEN(expected));
    for (size_t i = 0; i < list.count; i++) {
        assert_string_equal(list.entries[i].name, expected[i][0]);
        assert_string_equal(list.entries[i].lang, expected[i][1]);
    }
}

static void nothing_is_a_list_too(void **state)
{
    (void)state;
    AUTO_BUFFER(problems, 4096);
    struct voice_list list;
    assert_int_equal(voice_list_parse("", &list, &problems), STATUS_OK);
    assert_int_equal(list.count, 0);
    assert_int_equal(voice_list_parse(" , ", &list, &problems), STATUS_OK);
    assert_int_equal(list.count, 0);
}

static void all_that_is_wrong_is_said_at_once(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "a b",
        "=ru",
        "эмма",
        "x=",
        "x=r",
        "x=russian",
        "x=ru-",
        "x=ru-RU-toolongsubtag",
        "x=1",
        "x=ru=RU",
        "x;y",
        "x\"y",
        "a123456789012345678901234567890123456789012345678901234567890123456789",
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        AUTO_BUFFER(problems, 4096);
        struct voice_list list = {.count = 99};
        assert_int_equal(voice_list_parse(bad[i], &list, &problems), STATUS_INVALID);
        assert_true(problems.size > 0);
        assert_int_equal(list.count, 99);
    }
    AUTO_BUFFER(problems, 4096);
    struct voice_list list;
    assert_int_equal(voice_list_parse("anna, b!, anna, c=1", &list, &problems), STATUS_INVALID);
    assert_non_null(strstr(buffer_text(&problems), "\"b!\" is no name"));
    assert_non_null(strstr(buffer_text(&problems), "\"anna\" is named twice"));
    assert_non_null(strstr(buffer_text(&problems), "\"c=1\" has no language"));
}

static void there_are_64_at_most(void **state)
{
    (void)state;
    AUTO_BUFFER(text, 4096);
    for (int i = 0; i < VOICE_LIST_MAX; i++)
        buffer_printf(&text, "v%d,", i);
    AUTO_BUFFER(problems, 4096);
    struct voice_list list;
    assert_int_equal(voice_list_parse(buffer_text(&text), &list, &problems), STATUS_OK);
    assert_int_equal(list.count, VOICE_LIST_MAX);
    buffer_add_text(&text, "last");
    assert_int_equal(voice_list_parse(buffer_text(&text), &list, &problems), STATUS_INVALID);
    assert_non_null(strstr(buffer_text(&problems), "\"last\" is one more"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_come_with_their_languages),
        cmocka_unit_test(nothing_is_a_list_too),
        cmocka_unit_test(all_that_is_wrong_is_said_at_once),
        cmocka_unit_test(there_are_64_at_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
