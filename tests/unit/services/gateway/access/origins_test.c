/* SPDX-License-Identifier: MIT */
#include "services/gateway/access/origins.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define LIST "https://app.example, http://localhost:3000,https://b.example"

static void an_origin_is_allowed_when_it_is_on_the_list(void **state)
{
    (void)state;
    assert_true(origins_allow(LIST, "https://app.example"));
    assert_true(origins_allow(LIST, "http://localhost:3000"));
    assert_true(origins_allow(LIST, "https://b.example"));
}

static void anything_near_an_origin_is_not(void **state)
{
    (void)state;
    assert_false(origins_allow(LIST, "https://app.example.evil.example"));
    assert_false(origins_allow(LIST, "https://app.exampl"));
    assert_false(origins_allow(LIST, "http://app.example"));
    assert_false(origins_allow(LIST, "http://localhost:3001"));
    assert_false(origins_allow(LIST, "null"));
    assert_false(origins_allow(LIST, ""));
    assert_false(origins_allow(LIST, LIST));
    assert_false(origins_allow("", ""));
    assert_false(origins_allow("", "https://app.example"));
}

static void a_list_of_exact_origins_is_valid(void **state)
{
    (void)state;
    AUTO_BUFFER(problems, 4096);
    origins_validate(LIST, &problems);
    origins_validate("", &problems);
    origins_validate("app://obs", &problems);
    assert_int_equal(problems.size, 0);
}

static void wildcards_and_paths_are_problems(void **state)
{
    (void)state;
    const char *const bad[] = {"*",
                               "https://*.example",
                               "https://a.example/",
                               "a.example",
                               "https://",
                               "://a.example",
                               "https:a.example",
                               "null",
                               "https://a.example,*"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        AUTO_BUFFER(problems, 4096);
        origins_validate(bad[i], &problems);
        assert_non_null(strstr(buffer_text(&problems), "ALLOWED_ORIGINS"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_origin_is_allowed_when_it_is_on_the_list),
        cmocka_unit_test(anything_near_an_origin_is_not),
        cmocka_unit_test(a_list_of_exact_origins_is_valid),
        cmocka_unit_test(wildcards_and_paths_are_problems),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
