/* SPDX-License-Identifier: MIT */
#include "lib/base/recent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define MAX 100

AUTO_DEFINE(struct recent *, recent_free)

/* Puts the numbers from first to last under their texts. */
static void put_all(struct recent *recent, int first, int last)
{
    char key[16];
    for (int i = first; i <= last; i++) {
        (void)snprintf(key, sizeof(key), "%d", i);
        *(int *)recent_put(recent, key) = i;
    }
}

/* The number under its text; -1 when it is forgotten. */
static int find(const struct recent *recent, int number)
{
    char key[16];
    (void)snprintf(key, sizeof(key), "%d", number);
    const int *value = recent_find(recent, key);
    return value ? *value : -1;
}

static void what_was_put_is_found_under_its_key(void **state)
{
    (void)state;
    AUTO(recent_free) struct recent *recent = recent_new(sizeof(int), MAX);
    assert_null(recent_find(recent, "1"));
    put_all(recent, 1, MAX);
    for (int i = 1; i <= MAX; i++)
        assert_int_equal(find(recent, i), i);
    assert_null(recent_find(recent, "0"));
}

static void a_new_value_is_zero_and_aligned(void **state)
{
    (void)state;
    struct value {
        long double number;
        unsigned char bytes[17];
    };
    static const struct value zero;
    AUTO(recent_free) struct recent *recent = recent_new(sizeof(struct value), 3);
    for (int round = 0; round < 2; round++) {
        struct value *value = recent_put(recent, "key");
        assert_int_equal((uintptr_t)value % _Alignof(max_align_t), 0);
        assert_memory_equal(value, &zero, sizeof(zero));
        memset(value, 0xFF, sizeof(*value));
        put_all(recent, 1, 3); /* it is forgotten */
    }
}

static void putting_a_known_key_keeps_its_value(void **state)
{
    (void)state;
    AUTO(recent_free) struct recent *recent = recent_new(sizeof(int), 2);
    put_all(recent, 1, 2);
    assert_int_equal(*(int *)recent_put(recent, "1"), 1);
    assert_int_equal(find(recent, 2), 2);
}

static void past_the_maximum_those_known_for_longest_are_forgotten(void **state)
{
    (void)state;
    AUTO(recent_free) struct recent *recent = recent_new(sizeof(int), MAX);
    put_all(recent, 1, 10 * MAX);
    for (int i = 1; i <= 9 * MAX; i++)
        assert_int_equal(find(recent, i), -1);
    for (int i = 9 * MAX + 1; i <= 10 * MAX; i++)
        assert_int_equal(find(recent, i), i);
}

static void what_was_forgotten_may_come_again(void **state)
{
    (void)state;
    AUTO(recent_free) struct recent *recent = recent_new(sizeof(int), 1);
    for (int round = 0; round < 3; round++) {
        put_all(recent, 1, 2);
        assert_int_equal(find(recent, 1), -1);
        assert_int_equal(find(recent, 2), 2);
    }
}

static void a_key_may_be_empty_or_of_the_longest_kind(void **state)
{
    (void)state;
    char longest[RECENT_KEY_SIZE];
    memset(longest, 'k', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    AUTO(recent_free) struct recent *recent = recent_new(sizeof(int), MAX);
    *(int *)recent_put(recent, longest) = 1;
    *(int *)recent_put(recent, "") = 2;
    assert_int_equal(*(int *)recent_find(recent, longest), 1);
    assert_int_equal(*(int *)recent_find(recent, ""), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_put_is_found_under_its_key),
        cmocka_unit_test(a_new_value_is_zero_and_aligned),
        cmocka_unit_test(putting_a_known_key_keeps_its_value),
        cmocka_unit_test(past_the_maximum_those_known_for_longest_are_forgotten),
        cmocka_unit_test(what_was_forgotten_may_come_again),
        cmocka_unit_test(a_key_may_be_empty_or_of_the_longest_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
