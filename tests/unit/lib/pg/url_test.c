/* SPDX-License-Identifier: MIT */
#include "lib/pg/url.h"

#include "lib/base/macros.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void assert_becomes(const char *url, const char *expected)
{
    AUTO(free) char *made = pg_url_for_libpq(url);
    assert_string_equal(made, expected);
}

static void a_driver_in_the_scheme_is_left_out(void **state)
{
    (void)state;
    assert_becomes("postgresql+psycopg://u:p@h:5432/d", "postgresql://u:p@h:5432/d");
    assert_becomes("postgresql+asyncpg://u:p@h/d", "postgresql://u:p@h/d");
    assert_becomes("postgres+psycopg2://h/d?sslmode=require", "postgres://h/d?sslmode=require");
}

static void what_libpq_knows_stays_as_it_is(void **state)
{
    (void)state;
    assert_becomes("postgresql://u:p@h/d", "postgresql://u:p@h/d");
    assert_becomes("postgres://h/d", "postgres://h/d");
    assert_becomes("host=h dbname=a+b", "host=h dbname=a+b");
    assert_becomes("", "");
}

static void a_plus_after_the_scheme_stays(void **state)
{
    (void)state;
    assert_becomes("postgresql://u:a+b@h/d", "postgresql://u:a+b@h/d");
    assert_becomes("postgresql+psycopg://u:a+b@h/d", "postgresql://u:a+b@h/d");
}

static void other_schemes_are_not_touched(void **state)
{
    (void)state;
    assert_becomes("mysql+aiomysql://h/d", "mysql+aiomysql://h/d");
    assert_becomes("postgresql+psycopg", "postgresql+psycopg");
}

static void a_password_is_found_where_libpq_looks_for_it(void **state)
{
    (void)state;
    assert_true(pg_url_has_password("postgresql://u:p@h:5432/d"));
    assert_true(pg_url_has_password("postgresql+asyncpg://u:p@h/d"));
    assert_true(pg_url_has_password("postgresql://u@h/d?password=p"));
    assert_true(pg_url_has_password("host=h password=p"));
    assert_false(pg_url_has_password("postgresql://u@h/d"));
    assert_false(pg_url_has_password("postgresql://u:@h/d"));
    assert_false(pg_url_has_password("postgresql+psycopg://u@/d?host=%2Frun"));
    assert_false(pg_url_has_password("mysql://u:p@h/d"));
    assert_false(pg_url_has_password(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_driver_in_the_scheme_is_left_out),
        cmocka_unit_test(what_libpq_knows_stays_as_it_is),
        cmocka_unit_test(a_plus_after_the_scheme_stays),
        cmocka_unit_test(other_schemes_are_not_touched),
        cmocka_unit_test(a_password_is_found_where_libpq_looks_for_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
