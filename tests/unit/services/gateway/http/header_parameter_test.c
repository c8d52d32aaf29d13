/* SPDX-License-Identifier: MIT */
#include "services/gateway/http/header_parameter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define SIZE 16

static void assert_found(const char *value, const char *name, const char *expected)
{
    char text[SIZE];
    assert_int_equal(header_parameter(value, name, text, sizeof(text)), STATUS_OK);
    assert_string_equal(text, expected);
}

static void assert_none(const char *value, const char *name, enum status expected)
{
    char text[SIZE] = "before";
    assert_int_equal(header_parameter(value, name, text, sizeof(text)), expected);
    assert_string_equal(text, "");
}

static void a_parameter_is_found_among_others(void **state)
{
    (void)state;
    static const char value[] = "form-data; name=\"a\"; filename=b.mp3 ;size=1";
    assert_found(value, "name", "a");
    assert_found(value, "filename", "b.mp3");
    assert_found(value, "SIZE", "1");
    assert_found("x ;; ;\tNAME = y", "name", "y");
    assert_found("x; name=1; name=2", "name", "1");
    assert_found("x; name=", "name", "");
    assert_found("x; name=\"\"; y", "name", "");
    assert_found("x; flag; name=y", "name", "y");
}

static void what_looks_like_one_is_none(void **state)
{
    (void)state;
    assert_none("", "name", STATUS_NOT_FOUND);
    assert_none("name=x", "name", STATUS_NOT_FOUND);
    assert_none("x; filename=y", "name", STATUS_NOT_FOUND);
    assert_none("x; name", "name", STATUS_NOT_FOUND);
    assert_none("x; name*=y", "name", STATUS_NOT_FOUND);
    assert_none("x; y=\"; name=no\"", "name", STATUS_NOT_FOUND);
    assert_none("x; y=\"\\\"; name=no\"", "name", STATUS_NOT_FOUND);
    assert_none(";", "name", STATUS_NOT_FOUND);
}

static void quotes_are_taken_off_and_other_backslashes_left(void **state)
{
    (void)state;
    assert_found("x; name=\"a;b\"", "name", "a;b");
    assert_found("x; name=\"a\\\"\\\\b\"", "name", "a\"\\b");
    assert_found("x; name=\"C:\\a\\b\"", "name", "C:\\a\\b");
    assert_found("x; name=\"open", "name", "open");
    assert_found("x; name=\"end\\", "name", "end\\");
    assert_found("x; name=a\"b", "name", "a\"b");
}

static void a_value_fits_or_is_not_given(void **state)
{
    (void)state;
    assert_found("x; name=123456789012345", "name", "123456789012345");
    assert_none("x; name=1234567890123456", "name", STATUS_TOO_LARGE);
    assert_none("x; name=\"1234567890123456\"", "name", STATUS_TOO_LARGE);
    assert_found("x; long=\"12345678901234567890\"; name=y", "name", "y");
}

static void assert_decoded(const char *text, const char *expected)
{
    char decoded[64];
    snprintf(decoded, sizeof(decoded), "%s", text);
    header_parameter_decode(decoded);
    assert_string_equal(decoded, expected);
}

static void an_extended_value_is_decoded(void **state)
{
    (void)state;
    assert_decoded("UTF-8''boom.mp3", "boom.mp3");
    assert_decoded("utf-8'ru'%D0%B1%d0%b2.mp3", "\xd0\xb1\xd0\xb2.mp3");
    assert_decoded("''", "");
    assert_decoded("plain.mp3", "plain.mp3");
    assert_decoded("one'quote%41", "one'quote%41");
    assert_decoded("x''a'b", "a'b");
    assert_decoded("x''%", "%");
    assert_decoded("x''%4", "%4");
    assert_decoded("x''%4g%g4%%41", "%4g%g4%A");
    assert_decoded("x''a%00b%0A", "a%00b\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_parameter_is_found_among_others),
        cmocka_unit_test(what_looks_like_one_is_none),
        cmocka_unit_test(quotes_are_taken_off_and_other_backslashes_left),
        cmocka_unit_test(a_value_fits_or_is_not_given),
        cmocka_unit_test(an_extended_value_is_decoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
