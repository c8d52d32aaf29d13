/* SPDX-License-Identifier: MIT */
#include "lib/base/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void each_status_has_its_http_status_name_and_text(void **state)
{
    (void)state;
    assert_int_equal(status_http(STATUS_OK), 200);
    assert_int_equal(status_http(STATUS_NO_SPACE), 507);
    assert_string_equal(status_name(STATUS_CONFLICT), "CONFLICT");
    assert_string_equal(status_text(STATUS_INVALID), "Unprocessable Entity");
}

static void a_status_is_found_again_by_its_http_status(void **state)
{
    (void)state;
#define STATUS_ROW(name, http, text) assert_int_equal(status_from_http(http), STATUS_##name);
    STATUS_TABLE(STATUS_ROW)
#undef STATUS_ROW
}

static void an_unknown_http_status_is_internal(void **state)
{
    (void)state;
    assert_int_equal(status_from_http(418), STATUS_INTERNAL);
    assert_int_equal(status_from_http(0), STATUS_INTERNAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_status_has_its_http_status_name_and_text),
        cmocka_unit_test(a_status_is_found_again_by_its_http_status),
        cmocka_unit_test(an_unknown_http_status_is_internal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
