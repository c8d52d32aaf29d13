/* SPDX-License-Identifier: MIT */
#include "lib/base/buffer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void an_empty_buffer_is_an_empty_text(void **state)
{
    (void)state;
    AUTO_BUFFER(buffer, 100);
    assert_string_equal(buffer_text(&buffer), "");
    assert_non_null(buffer_slice(&buffer).data);
    assert_int_equal(buffer_slice(&buffer).size, 0);
    buffer_add(&buffer, NULL, 0);
    assert_int_equal(buffer.size, 0);
}

static void appends_follow_each_other(void **state)
{
    (void)state;
    AUTO_BUFFER(buffer, 100);
    buffer_add(&buffer, "ab!", 2);
    buffer_add_char(&buffer, 'c');
    buffer_add_text(&buffer, "de");
    buffer_printf(&buffer, "%d%s", 12, "f");
    assert_string_equal(buffer_text(&buffer), "abcde12f");
    assert_int_equal(buffer.size, 8);
}

static void it_grows_to_its_maximum_and_no_further(void **state)
{
    (void)state;
    AUTO_BUFFER(buffer, 10000);
    for (int i = 0; i < 10000; i++)
        buffer_add_char(&buffer, (char)('a' + i % 26));
    assert_false(buffer.overflowed);
    assert_int_equal(buffer.size, 10000);
    for (int i = 0; i < 10000; i++)
        assert_int_equal(buffer_text(&buffer)[i], 'a' + i % 26);
    buffer_add_char(&buffer, 'x');
    assert_true(buffer.overflowed);
    assert_int_equal(buffer.size, 10000);
}

static void what_does_not_fit_is_dropped_with_all_after_it(void **state)
{
    (void)state;
    AUTO_BUFFER(buffer, 5);
    buffer_add_text(&buffer, "abc");
    buffer_add_text(&buffer, "def");
    assert_true(buffer.overflowed);
    buffer_add_char(&buffer, 'g');
    buffer_printf(&buffer, "%d", 1);
    assert_string_equal(buffer_text(&buffer), "abc");
}

static void a_formatted_text_that_does_not_fit_is_dropped_whole(void **state)
{
    (void)state;
    AUTO_BUFFER(buffer, 5);
    buffer_printf(&buffer, "%d", 123456);
    assert_true(buffer.overflowed);
    assert_string_equal(buffer_text(&buffer), "");
}

static void clearing_empties_it_and_forgets_the_overflow(void **state)
{
    (void)state;
    AUTO_BUFFER(buffer, 3);
    buffer_add_text(&buffer, "abc");
    buffer_add_text(&buffer, "d");
    buffer_clear(&buffer);
    assert_string_equal(buffer_text(&buffer), "");
    buffer_add_text(&buffer, "xyz");
    assert_string_equal(buffer_text(&buffer), "xyz");
    assert_false(buffer.overflowed);
}

static void bytes_may_hold_nul(void **state)
{
    (void)state;
    AUTO_BUFFER(buffer, 100);
    buffer_add(&buffer, "a\0b", 3);
    struct slice slice = buffer_slice(&buffer);
    assert_int_equal(slice.size, 3);
    assert_memory_equal(slice.data, "a\0b", 4);
}

static void it_may_be_done_twice_and_used_again(void **state)
{
    (void)state;
    AUTO_BUFFER(buffer, 100);
    buffer_add_text(&buffer, "abc");
    buffer_done(&buffer);
    buffer_done(&buffer);
    buffer_add_text(&buffer, "de");
    assert_string_equal(buffer_text(&buffer), "de");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_buffer_is_an_empty_text),
        cmocka_unit_test(appends_follow_each_other),
        cmocka_unit_test(it_grows_to_its_maximum_and_no_further),
        cmocka_unit_test(what_does_not_fit_is_dropped_with_all_after_it),
        cmocka_unit_test(a_formatted_text_that_does_not_fit_is_dropped_whole),
        cmocka_unit_test(clearing_empties_it_and_forgets_the_overflow),
        cmocka_unit_test(bytes_may_hold_nul),
        cmocka_unit_test(it_may_be_done_twice_and_used_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
