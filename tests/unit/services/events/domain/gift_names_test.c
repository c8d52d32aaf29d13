/* SPDX-License-Identifier: MIT */
#include "services/events/domain/gift_names.h"

#include "lib/base/text.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void every_name_of_the_table_is_found(void **state)
{
    (void)state;
    static const struct {
        const char *english;
        const char *russian;
    } names[] = {
#define GIFT_NAME(english, russian) {english, russian},
#include "services/events/domain/gift_names.def"
#undef GIFT_NAME
    };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        assert_true(text_utf8_is_valid(names[i].russian, strlen(names[i].russian)));
        assert_string_equal(gift_names_russian(names[i].english), names[i].russian);
    }
}

static void a_rose_is_a_rose(void **state)
{
    (void)state;
    assert_string_equal(gift_names_russian("Rose"), "Роза");
}

static void other_names_have_no_russian_one(void **state)
{
    (void)state;
    static const char *const others[] = {"", "rose", "Rose ", "Ros", "Roses", "A", "Zzz", "Роза"};
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        assert_null(gift_names_russian(others[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_name_of_the_table_is_found),
        cmocka_unit_test(a_rose_is_a_rose),
        cmocka_unit_test(other_names_have_no_russian_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
