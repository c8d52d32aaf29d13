/* SPDX-License-Identifier: MIT */
#include "services/auth/domain/chat.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct row {
    const char *text;
    const char *stored; /* NULL: nothing of it is left */
};

static void check_rows(const struct row *rows, size_t count,
                       const char *(*fold)(struct arena *arena, const char *text))
{
    AUTO(arena_free) struct arena *arena = arena_new(65536);
    for (size_t i = 0; i < count; i++) {
        const char *stored = fold(arena, rows[i].text);
        if (rows[i].stored) {
            assert_non_null(stored);
            assert_string_equal(stored, rows[i].stored);
        } else {
            assert_null(stored);
        }
    }
}

static void prefixes_are_the_first_8_characters_without_white_space(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {".", "."},
        {"!.", "!."},
        {" ! \t.\n", "!."},
        {"!\u00A0.\u3000?", "!.?"},
        {"12345678", "12345678"},
        {"123456789", "12345678"},
        {"1 2 3 4 5 6 7 8 9", "12345678"},
        {"яёжщъыэюя", "яёжщъыэю"},
        {"🌸🌸🌸🌸🌸🌸🌸🌸🌸", "🌸🌸🌸🌸🌸🌸🌸🌸"},
    };
    check_rows(rows, ARRAY_LEN(rows), chat_prefixes_fold);
}

static void without_a_character_left_the_prefix_is_a_full_stop(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"", "."}, {"   ", "."}, {"\u2003\n", "."}, {"\x01\x1F", "."}};
    check_rows(rows, ARRAY_LEN(rows), chat_prefixes_fold);
}

static void words_lose_white_space_around_them_and_control_characters(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"spam", "spam"},
        {"  spam\t", "spam"},
        {"\u00A0спам\u3000", "спам"},
        {"buy  \n now", "buy now"},
        {"sp\x1F\x01\x7F\xC2\x85"
         "am",
         "sp am"},
        {"sp\x1F\x01\x7F\xC2\x9F"
         "am",
         "spam"},
        {"Spam", "Spam"},
        {"🌸", "🌸"},
        {"", NULL},
        {" \t\u2003 ", NULL},
        {"\x1F\x1F", NULL},
    };
    check_rows(rows, ARRAY_LEN(rows), chat_word_fold);
}

static void users_are_folded_where_they_can_be_usernames(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {" @Ann ", "ann"},
        {"@@Ann.B_", "ann.b_"},
        {"Анна  К", "Анна К"},
        {" @Анна\x1F ", "@Анна"},
        {"x", "x"},
        {"@", "@"},
        {"", NULL},
        {" \x1F ", NULL},
    };
    check_rows(rows, ARRAY_LEN(rows), chat_user_fold);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prefixes_are_the_first_8_characters_without_white_space),
        cmocka_unit_test(without_a_character_left_the_prefix_is_a_full_stop),
        cmocka_unit_test(words_lose_white_space_around_them_and_control_characters),
        cmocka_unit_test(users_are_folded_where_they_can_be_usernames),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
