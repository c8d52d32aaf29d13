/* SPDX-License-Identifier: MIT */
#include "services/license/domain/import.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int set_up(void **state)
{
    *state = arena_new(65536);
    return 0;
}

static int tear_down(void **state)
{
    arena_free(*state);
    return 0;
}

static void old_and_new_keys_are_sound(void **state)
{
    (void)state;
    assert_true(import_key_is_sound("TTB-0A1F-99B0-C0DE"));
    assert_true(import_key_is_sound("X"));
    assert_true(
        import_key_is_sound("0123456789012345678901234567890123456789012345678901234567890123"));
}

static void what_can_be_no_key_is_not(void **state)
{
    (void)state;
    assert_false(import_key_is_sound(""));
    assert_false(import_key_is_sound("TTB 1"));
    assert_false(import_key_is_sound("TTB\n1"));
    assert_false(import_key_is_sound("КЛЮЧ"));
    assert_false(
        import_key_is_sound("01234567890123456789012345678901234567890123456789012345678901234"));
}

static void a_hint_is_never_more_than_half_of_the_key(void **state)
{
    assert_string_equal(import_key_hint(*state, "TTB-ABCD-EFGH-JKLM"), "TTB-ABCD…");
    assert_string_equal(import_key_hint(*state, "DEMO42"), "DEM…");
    assert_string_equal(import_key_hint(*state, "КЛЮЧ-1"), "КЛ…");
    assert_string_equal(import_key_hint(*state, "X"), "…");
    assert_string_equal(import_key_hint(*state, ""), "…");
}

static void a_status_is_read_however_it_is_written(void **state)
{
    bool is_known;
    assert_string_equal(import_status(*state, "active", &is_known), "active");
    assert_true(is_known);
    assert_string_equal(import_status(*state, " REVOKED ", &is_known), "revoked");
    assert_true(is_known);
    assert_string_equal(import_status(*state, "Inactive", &is_known), "inactive");
    assert_true(is_known);
}

static void an_unknown_status_allows_nothing(void **state)
{
    bool is_known;
    assert_string_equal(import_status(*state, "frozen", &is_known), "inactive");
    assert_false(is_known);
    assert_string_equal(import_status(*state, "", &is_known), "inactive");
    assert_false(is_known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(old_and_new_keys_are_sound, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_can_be_no_key_is_not, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_hint_is_never_more_than_half_of_the_key, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_status_is_read_however_it_is_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_unknown_status_allows_nothing, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
