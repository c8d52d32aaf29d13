/* SPDX-License-Identifier: MIT */
#include "services/media/domain/filename.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define REPEAT_10(text) text text text text text text text text text text
#define LENGTH_MAX (FILENAME_SIZE - 1)

static void assert_cleaned(const char *text, const char *expected)
{
    struct filename name;
    filename_clean(text, &name);
    assert_string_equal(name.text, expected);
    assert_true(filename_is_clean(name.text));
}

static void a_good_name_stays(void **state)
{
    (void)state;
    static const char *const names[] = {"boom.mp3", "A-b_c.9.ogg", "x", "NULL", "a..b.mp3", "a."};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        assert_cleaned(names[i], names[i]);
}

static void of_a_path_the_last_component_counts(void **state)
{
    (void)state;
    assert_cleaned("/etc/passwd", "passwd");
    assert_cleaned("../../boom.mp3", "boom.mp3");
    assert_cleaned("C:\\music\\boom.mp3", "boom.mp3");
    assert_cleaned("a/b\\c/d.wav", "d.wav");
}

static void each_character_that_is_not_allowed_becomes_one_underscore(void **state)
{
    (void)state;
    assert_cleaned("бум!.mp3", "____.mp3");
    assert_cleaned("a b\tc\n.mp3", "a_b_c_.mp3");
    assert_cleaned("♡😎.ogg", "__.ogg");
    assert_cleaned("<script>.mp3", "_script_.mp3");
    assert_cleaned("a\xff\xd0.mp3", "a__.mp3");
}

static void dots_at_the_front_go(void **state)
{
    (void)state;
    assert_cleaned(".hidden.mp3", "hidden.mp3");
    assert_cleaned("...mp3", "mp3");
    assert_cleaned(".tmp-0123456789abcdef", "tmp-0123456789abcdef");
}

static void a_name_of_nothing_is_sound(void **state)
{
    (void)state;
    static const char *const names[] = {"", ".", "..", "/", "a/", "..\\..\\", "/..."};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        assert_cleaned(names[i], "sound");
}

static void a_long_name_keeps_its_extension(void **state)
{
    (void)state;
    struct filename name;
    filename_clean(REPEAT_10(REPEAT_10("boom")) ".mp3", &name);
    assert_int_equal(strlen(name.text), LENGTH_MAX);
    assert_string_equal(filename_extension(name.text), ".mp3");
    filename_clean(REPEAT_10(REPEAT_10("бум")) ".mp3", &name);
    assert_int_equal(strlen(name.text), LENGTH_MAX);
    assert_string_equal(filename_extension(name.text), ".mp3");
}

static void a_long_tail_is_no_extension(void **state)
{
    (void)state;
    struct filename name;
    filename_clean("a." REPEAT_10(REPEAT_10("boom")), &name);
    assert_int_equal(strlen(name.text), LENGTH_MAX);
    assert_string_equal(filename_extension(name.text), "");
}

static void assert_numbered(const char *text, unsigned number, const char *expected)
{
    struct filename name, numbered;
    filename_clean(text, &name);
    filename_number(&name, number, &numbered);
    assert_string_equal(numbered.text, expected);
    assert_true(filename_is_clean(numbered.text));
}

static void a_number_stands_before_the_extension(void **state)
{
    (void)state;
    assert_numbered("boom.mp3", 1, "boom.mp3");
    assert_numbered("boom.mp3", 2, "boom_2.mp3");
    assert_numbered("boom.tar.gz", 13, "boom.tar_13.gz");
    assert_numbered("boom", 2, "boom_2");
    assert_numbered("boom_2.mp3", 2, "boom_2_2.mp3");
}

static void a_long_name_makes_room_for_its_number(void **state)
{
    (void)state;
    struct filename name, second, last;
    filename_clean(REPEAT_10(REPEAT_10("boom")) ".mp3", &name);
    filename_number(&name, 2, &second);
    filename_number(&name, UINT32_MAX, &last);
    assert_int_equal(strlen(second.text), LENGTH_MAX);
    assert_int_equal(strlen(last.text), LENGTH_MAX);
    assert_string_equal(second.text + LENGTH_MAX - 6, "_2.mp3");
    assert_string_equal(last.text + LENGTH_MAX - 15, "_4294967295.mp3");
}

static void an_extension_is_put_behind_a_name_of_any_length(void **state)
{
    (void)state;
    struct filename name = {"v1.5"};
    filename_append(&name, ".mp3");
    assert_string_equal(name.text, "v1.5.mp3");
    filename_clean(REPEAT_10(REPEAT_10("boom")), &name);
    filename_append(&name, ".mp3");
    assert_int_equal(strlen(name.text), LENGTH_MAX);
    assert_string_equal(filename_extension(name.text), ".mp3");
}

static void what_no_sound_can_be_called_is_known(void **state)
{
    (void)state;
    static const char *const names[] = {"",    ".",     "..",       ".a",
                                        "a/b", "a\\b",  "a b",      "бум.mp3",
                                        "a\n", "a%2fb", "../x.mp3", REPEAT_10(REPEAT_10("boom"))};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        assert_false(filename_is_clean(names[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_name_stays),
        cmocka_unit_test(of_a_path_the_last_component_counts),
        cmocka_unit_test(each_character_that_is_not_allowed_becomes_one_underscore),
        cmocka_unit_test(dots_at_the_front_go),
        cmocka_unit_test(a_name_of_nothing_is_sound),
        cmocka_unit_test(a_long_name_keeps_its_extension),
        cmocka_unit_test(a_long_tail_is_no_extension),
        cmocka_unit_test(a_number_stands_before_the_extension),
        cmocka_unit_test(a_long_name_makes_room_for_its_number),
        cmocka_unit_test(an_extension_is_put_behind_a_name_of_any_length),
        cmocka_unit_test(what_no_sound_can_be_called_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
