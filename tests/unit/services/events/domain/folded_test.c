/* SPDX-License-Identifier: MIT */
#include "services/events/domain/folded.h"

#include "lib/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ARENA_MAX_BYTES ((size_t)16 * 1024 * 1024) /* as rooms have */
#define PAYLOAD_MAX_BYTES ((size_t)1024 * 1024)    /* the largest message that is decoded */

struct row {
    const char *text;
    const char *folded;
};

static void texts_that_look_alike_are_folded_alike(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(ARENA_MAX_BYTES);
    static const struct row rows[] = {
        {"", ""},
        {"rose", "rose"},
        {"ROSE", "rose"},
        {"ПРИВЕТ", "привет"},
        {"Ёж", "ёж"},
        {"е\u0308ж", "ёж"}, /* composed */
        {"Straße", "strasse"},
        {"ΣΊΣΥΦΟΣ", "σίσυφοσ"},
        {"ＲＯＳＥ　１", "rose 1"}, /* wide */
        {"𝓡𝓸𝓼𝓮", "rose"},           /* mathematical letters, as in nicknames */
        {"ﬁre", "fire"},
        {" \t rose \r\n", "rose"},
        {"\u00A0rose\u3000", "rose"},
        {"a  b", "a  b"},
        {"🌹", "🌹"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_string_equal(folded(arena, rows[i].text), rows[i].folded);
    assert_null(folded(arena, NULL));
}

static void what_is_no_utf8_becomes_a_replacement_character(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(ARENA_MAX_BYTES);
    static const struct row rows[] = {
        {"\xFF", "\uFFFD"},
        {"A\xC3", "a\uFFFD"},
        {"\xC3(", "\uFFFD("},
        {"\xED\xA0\x80", "\uFFFD\uFFFD\uFFFD"},           /* a surrogate */
        {"\xF4\x90\x80\x80", "\uFFFD\uFFFD\uFFFD\uFFFD"}, /* past U+10FFFF */
        {"\xC0\xAF", "\uFFFD\uFFFD"},                     /* overlong */
        {"\xF0\x9F\x8C", "\uFFFD\uFFFD\uFFFD"},           /* cut */
        {"Привет\x80!", "привет\uFFFD!"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_string_equal(folded(arena, rows[i].text), rows[i].folded);
}

static void every_two_bytes_fold_to_valid_text(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(ARENA_MAX_BYTES);
    for (unsigned i = 1; i < 256; i++) {
        for (unsigned j = 0; j < 256; j++) {
            const char text[] = {(char)i, (char)j, '\0'};
            const char *fold = folded(arena, text);
            assert_true(text_utf8_is_valid(fold, strlen(fold)));
        }
        arena_reset(arena);
    }
}

/* Worst are bytes that become three each, and a letter of three bytes that becomes 18 letters. */
static void a_text_of_any_size_fits_in_the_arena(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(ARENA_MAX_BYTES);
    static const char *const parts[] = {"a", "\xFF", "\uFDFA", "ﷺ\xFF", " ", "\u0308"};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        AUTO_BUFFER(text, PAYLOAD_MAX_BYTES);
        while (!text.overflowed)
            buffer_add_text(&text, parts[i]);
        const char *fold = folded(arena, buffer_text(&text));
        assert_true(text_utf8_is_valid(fold, strlen(fold)));
        assert_non_null(folded_name(arena, buffer_text(&text)));
        arena_reset(arena);
    }
}

static void of_a_long_text_only_the_beginning_counts(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(ARENA_MAX_BYTES);
    AUTO_BUFFER(text, PAYLOAD_MAX_BYTES);
    buffer_add_text(&text, "x");
    while (text.size < FOLDED_MAX_BYTES)
        buffer_add_text(&text, "Ж"); /* of two bytes: the last one reaches past the limit */
    const char *fold = folded(arena, buffer_text(&text));
    assert_int_equal(strlen(fold), FOLDED_MAX_BYTES - 1);
    assert_true(text_utf8_is_valid(fold, strlen(fold)));
    buffer_add_text(&text, "gg");
    assert_string_equal(folded(arena, buffer_text(&text)), fold);
}

static void a_name_has_no_at(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(ARENA_MAX_BYTES);
    static const struct row rows[] = {
        {"@Masha", "masha"},
        {"masha", "masha"},
        {" @masha ", "masha"},
        {"＠masha", "masha"},
        {"@", ""},
        {"@@a@b", "ab"},
        {"", ""},
        {"\xFF@", "\uFFFD"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_string_equal(folded_name(arena, rows[i].text), rows[i].folded);
    assert_null(folded_name(arena, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_that_look_alike_are_folded_alike),
        cmocka_unit_test(what_is_no_utf8_becomes_a_replacement_character),
        cmocka_unit_test(every_two_bytes_fold_to_valid_text),
        cmocka_unit_test(a_text_of_any_size_fits_in_the_arena),
        cmocka_unit_test(of_a_long_text_only_the_beginning_counts),
        cmocka_unit_test(a_name_has_no_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
