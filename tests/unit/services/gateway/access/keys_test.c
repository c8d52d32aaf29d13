/* SPDX-License-Identifier: MIT */
#include "services/gateway/access/keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void only_the_whole_key_fits(void **state)
{
    (void)state;
    struct key key;
    key_init(&key, "correct horse");
    assert_true(key_fits(&key, "correct horse"));
    assert_false(key_fits(&key, "correct horsf"));
    assert_false(key_fits(&key, "Correct horse"));
    assert_false(key_fits(&key, "correct hors"));
    assert_false(key_fits(&key, "correct horse "));
    assert_false(key_fits(&key, ""));
    assert_false(key_fits(&key, NULL));
}

static void an_unset_key_fits_nothing(void **state)
{
    (void)state;
    struct key key;
    key_init(&key, "");
    assert_false(key_fits(&key, ""));
    assert_false(key_fits(&key, NULL));
    assert_false(key_fits(&key, "anything"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_whole_key_fits),
        cmocka_unit_test(an_unset_key_fits_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
