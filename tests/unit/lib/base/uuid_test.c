/* SPDX-License-Identifier: MIT */
#include "lib/base/uuid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void a_fresh_uuid_is_of_version_4_and_reads_back(void **state)
{
    (void)state;
    for (int i = 0; i < 200; i++) {
        struct uuid made;
        struct uuid parsed;
        uuid_make(&made);
        assert_true(uuid_parse(made.text, &parsed));
        assert_string_equal(made.text, parsed.text);
        assert_int_equal(made.text[14], '4');
        assert_non_null(strchr("89ab", made.text[19]));
    }
}

static void two_fresh_uuids_differ(void **state)
{
    (void)state;
    struct uuid first;
    struct uuid second;
    uuid_make(&first);
    uuid_make(&second);
    assert_string_not_equal(first.text, second.text);
}

static void a_timed_uuid_is_of_version_7_and_tells_its_time(void **state)
{
    (void)state;
    static const int64_t times_ms[] = {0, 1, 1645557742000, 0xFFFFFFFFFFFF};
    for (size_t i = 0; i < ARRAY_LEN(times_ms); i++) {
        struct uuid made;
        struct uuid parsed;
        uuid_make_timed(times_ms[i], &made);
        assert_true(uuid_parse(made.text, &parsed));
        assert_int_equal(made.text[14], '7');
        assert_non_null(strchr("89ab", made.text[19]));
        int64_t time_ms = -1;
        assert_true(uuid_time_ms(made.text, &time_ms));
        assert_int_equal(time_ms, times_ms[i]);
    }
}

/* RFC 9562, A.6. */
static void the_time_of_the_standards_example_is_read(void **state)
{
    (void)state;
    int64_t time_ms = 0;
    assert_true(uuid_time_ms("017f22e2-79b0-7cc3-98c4-dc0c0c07398f", &time_ms));
    assert_int_equal(time_ms, 1645557742000);
}

static void two_timed_uuids_of_one_moment_differ(void **state)
{
    (void)state;
    struct uuid first;
    struct uuid second;
    uuid_make_timed(1645557742000, &first);
    uuid_make_timed(1645557742000, &second);
    assert_memory_equal(first.text, second.text, 14);
    assert_string_not_equal(first.text, second.text);
}

static void other_uuids_tell_no_time(void **state)
{
    (void)state;
    static const char *const others[] = {
        "017f22e2-79b0-4cc3-98c4-dc0c0c07398f",
        "017f22e2-79b0-1cc3-98c4-dc0c0c07398f",
        "017f22e2-79b0-7cc3-18c4-dc0c0c07398f", /* another variant */
        "017f22e2-79b0-7cc3-d8c4-dc0c0c07398f",
    };
    int64_t time_ms = 5;
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        assert_false(uuid_time_ms(others[i], &time_ms));
    assert_int_equal(time_ms, 5);
}

static void either_case_is_read_and_lowered(void **state)
{
    (void)state;
    struct uuid uuid;
    assert_true(uuid_parse("0190A1B2-C3d4-7E5F-8a9B-ABCDEF012345", &uuid));
    assert_string_equal(uuid.text, "0190a1b2-c3d4-7e5f-8a9b-abcdef012345");
}

static void what_is_no_uuid_is_refused_and_leaves_the_result_alone(void **state)
{
    (void)state;
    static const char *const refused[] = {
        "",
        "0190a1b2-c3d4-7e5f-8a9b-abcdef01234",
        "0190a1b2-c3d4-7e5f-8a9b-abcdef0123456",
        "0190a1b2c3d4-7e5f-8a9b-abcdef012345-",
        "0190a1b2-c3d4-7e5f-8a9b-abcdef01234g",
        "0190a1b2_c3d4_7e5f_8a9b_abcdef012345",
        "{190a1b2-c3d4-7e5f-8a9b-abcdef01234}",
    };
    struct uuid uuid = {.text = "untouched"};
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        assert_false(uuid_parse(refused[i], &uuid));
    assert_string_equal(uuid.text, "untouched");
}

static void a_uuid_stands_for_its_bytes(void **state)
{
    (void)state;
    static const uint8_t expected[UUID_BYTES] = {0x01, 0x90, 0xa1, 0xb2, 0xc3, 0xd4, 0x7e, 0x5f,
                                                 0x8a, 0x9b, 0xab, 0xcd, 0xef, 0x01, 0x23, 0x45};
    uint8_t bytes[UUID_BYTES];
    uuid_bytes("0190a1b2-c3d4-7e5f-8a9b-abcdef012345", bytes);
    assert_memory_equal(bytes, expected, UUID_BYTES);
}

static void random_bytes_fill_all_of_a_large_range(void **state)
{
    (void)state;
    static unsigned char bytes[100000];
    random_bytes(bytes, sizeof(bytes));
    static const unsigned char zeros[16];
    for (size_t at = 0; at < sizeof(bytes); at += sizeof(zeros))
        assert_memory_not_equal(bytes + at, zeros, sizeof(zeros));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fresh_uuid_is_of_version_4_and_reads_back),
        cmocka_unit_test(two_fresh_uuids_differ),
        cmocka_unit_test(a_timed_uuid_is_of_version_7_and_tells_its_time),
        cmocka_unit_test(the_time_of_the_standards_example_is_read),
        cmocka_unit_test(two_timed_uuids_of_one_moment_differ),
        cmocka_unit_test(other_uuids_tell_no_time),
        cmocka_unit_test(either_case_is_read_and_lowered),
        cmocka_unit_test(what_is_no_uuid_is_refused_and_leaves_the_result_alone),
        cmocka_unit_test(a_uuid_stands_for_its_bytes),
        cmocka_unit_test(random_bytes_fill_all_of_a_large_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
