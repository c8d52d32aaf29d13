/* SPDX-License-Identifier: MIT */
#include "services/license/domain/keys.h"

#include "lib/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ALPHABET "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"

static void a_key_has_a_prefix_and_three_groups(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(65536);
    static const unsigned char zeros[12];
    static const unsigned char rising[12] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    static const unsigned char last[12] = {31, 63, 95, 127, 159, 191, 223, 255, 30, 29, 28, 32};
    assert_string_equal(key_make(arena, "TTB", zeros), "TTB-AAAA-AAAA-AAAA");
    assert_string_equal(key_make(arena, "TTB", rising), "TTB-ABCD-EFGH-JKLM");
    assert_string_equal(key_make(arena, "SHOP2", last), "SHOP2-9999-9999-876A");
}

static void every_letter_of_the_alphabet_is_as_likely(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(65536);
    unsigned counts[128] = {0};
    for (unsigned byte = 0; byte < 256; byte++) {
        unsigned char random[12];
        memset(random, (int)byte, sizeof(random));
        const char *key = key_make(arena, "T", random);
        counts[(unsigned char)key[2]]++;
    }
    for (const char *letter = ALPHABET; *letter; letter++)
        assert_int_equal(counts[(unsigned char)*letter], 8);
}

static void a_made_key_is_in_its_normal_form(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(65536);
    static const unsigned char random[12] = "twelve bytes";
    const char *key = key_make(arena, "TTB", random);
    assert_string_equal(key_normalise(arena, key), key);
}

static void keys_are_looked_up_trimmed_and_upper_case(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *key;
    } rows[] = {
        {" ttb-abcd-efgh-2345\n", "TTB-ABCD-EFGH-2345"},
        {"TTB-ABCD-EFGH-2345", "TTB-ABCD-EFGH-2345"},
        {"ttb-0a1f-9c0d-ffff", "TTB-0A1F-9C0D-FFFF"}, /* the old hexadecimal form */
        {"", ""},
        {" \t", ""},
        {"a b", "A B"},
        {"ключ", "ключ"},
    };
    AUTO(arena_free) struct arena *arena = arena_new(65536);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_string_equal(key_normalise(arena, rows[i].text), rows[i].key);
}

static void a_prefix_is_of_the_first_ten_characters_letters_and_digits(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *prefix;
    } rows[] = {
        {"shop", "SHOP"},
        {"  shop2\n", "SHOP2"},
        {"abcdefghijklm", "ABCDEFGHIJ"},
        {"a-b c_d'\"{}", "ABCD"},
        {"a---------b", "A"}, /* the eleventh is not looked at */
        {"мммммммммab", "A"}, /* nor here: characters, not bytes */
        {"\xFF\xFF"
         "a",
         "A"},
    };
    AUTO(arena_free) struct arena *arena = arena_new(65536);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_string_equal(key_prefix(arena, rows[i].text), rows[i].prefix);
}

static void a_prefix_of_nothing_is_none(void **state)
{
    (void)state;
    static const char *const texts[] = {NULL, "", " \t\n", "-_-", "ключ", "----------abc"};
    AUTO(arena_free) struct arena *arena = arena_new(65536);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        assert_null(key_prefix(arena, texts[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_has_a_prefix_and_three_groups),
        cmocka_unit_test(every_letter_of_the_alphabet_is_as_likely),
        cmocka_unit_test(a_made_key_is_in_its_normal_form),
        cmocka_unit_test(keys_are_looked_up_trimmed_and_upper_case),
        cmocka_unit_test(a_prefix_is_of_the_first_ten_characters_letters_and_digits),
        cmocka_unit_test(a_prefix_of_nothing_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
