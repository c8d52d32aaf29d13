/* SPDX-License-Identifier: MIT */
#include "services/media/domain/lookalikes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void latin_letters_that_pass_for_cyrillic_become_so(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"пpивeт", "привет"}, /* p and e */
        {"CКИДКA 5, пoка", "СКИДКА 5, пока"},
        {"SMSка", "SMSка"}, /* S is no Cyrillic letter: the word is of two */
        {"cop и пока", "cop и пока"},
        {"copy", "copy"},
        {"привет", "привет"},
        {"x5 о", "x5 о"},
        {"", ""},
    };
    AUTO(arena_free) struct arena *arena = arena_new(1024 * 1024);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(lookalikes_fold(arena, cases[i][0]), cases[i][1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(latin_letters_that_pass_for_cyrillic_become_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
